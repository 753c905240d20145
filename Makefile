# SPDX-License-Identifier: GPL-2.0
# The menu. `make` alone prints it: the text after ## of each target.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The running kernel's build folder, else the newest one installed.
KDIR ?= $(shell common/compat/kdir.sh find)

# Below /lib/modules/VERSION. depmod prefers updates/ to the kernel's own
# modules, which therefore stay where they are.
INSTALL_MOD_DIR := updates/xenpv
root = $(or $(INSTALL_MOD_PATH),$(DESTDIR))
release = $(shell common/compat/kdir.sh release $(KDIR))
installed = $(root)/lib/modules/$(release)/$(INSTALL_MOD_DIR)
# What a vif of a reloaded xen-netback needs.
rules = $(root)/etc/udev/rules.d/60-xenpv.rules

# Debian's kernels sign their modules with a key that its headers do not have;
# then kbuild is told not to try. A kernel built here has its key here.
sign = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

# All processors, unless the caller's make has its own idea.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
# Unless the caller, or dkms from 3.0.11 on, has chosen.
compiler = $(if $(LLVM)$(filter-out default undefined,$(origin CC)),,$(shell \
	common/compat/kdir.sh compiler $(KDIR) 2>/dev/null))
# Two builds at once in one tree would overwrite each other's objects.
kbuild = flock $(CURDIR) $(MAKE) $(jobs) -C $(KDIR) M=$(CURDIR) $(compiler)

help: ## print this menu
	@echo "xenpv: paravirtual Xen drivers. make TARGET, with KDIR=<kernel build folder>"
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)

modules: common/compat/config.h ## build the modules (W=1: more warnings, C=1: sparse)
	+@$(kbuild) modules
	@echo "built for $(release):"; \
	sed 's|^$(CURDIR)/||; s|^|  |; s|\.o$$|.ko|' modules.order

install: modules ## install them (INSTALL_MOD_PATH= or DESTDIR= for another root)
	@mkdir -p $(installed) || { echo "install: no right to write there: use sudo" >&2; exit 1; }
	+@$(kbuild) INSTALL_MOD_PATH=$(root) INSTALL_MOD_DIR=$(INSTALL_MOD_DIR) \
		$(sign) cmd_depmod=: modules_install
	@[ ! -e packaging/xenpv.rules ] || install -D -m 644 packaging/xenpv.rules $(rules)
	@$(depmod)
	@echo "installed in $(installed); in the initramfs after its next update"

uninstall: kdir ## remove what install put there
	@rm -rf $(installed) && rm -f $(rules) && echo "removed $(installed)"
	@$(depmod)

# Kbuild's own depmod step skips itself where there is no System.map, which
# Debian's headers never have; so it is silenced (cmd_depmod) and done here.
# A staging folder of a package has no kernel in it, hence nothing to index.
define depmod
if [ -e $(root)/lib/modules/$(release)/modules.order ]; then \
	PATH=$$PATH:/sbin:/usr/sbin depmod -b "$(root)/" $(release); \
else \
	echo "depmod: skipped: $(root)/lib/modules/$(release) has no kernel modules"; \
fi
endef

clean: ## remove everything that was built
	@find common drivers selftests/bench/bioload \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name '*.symvers' -o -name modules.order \) \
		-exec rm -f {} +
	@rm -f common/compat/config.h Module.symvers modules.order .[Mm]odule*.cmd .module-common.o
	@if [ -e selftests/unit/Makefile ]; then $(MAKE) -C selftests/unit clean; fi

style: ## checkpatch, shellcheck, codespell, clang-format, links, words, then sparse and W=1
	@$(CHECK) run style/style build/compile

check: ## the short tier: every feature once, on real Xen (20 minutes)
	@$(CHECK) short

check-deep: ## all the rest, in shards: SHARD=2/6 for one; AGAIN=1: also what has passed (hours)
	@$(CHECK) deep

check-one: ## tests of any kind by name: make check-one T="blk/rw unit"
	@$(CHECK) run $(or $(T),$(error check-one: which test? make check-one T=FOLDER/NAME; 'selftests/check list' lists them))

check-unit: ## the unit tests alone: common's pure parts in user space
	@$(CHECK) run unit/unit

check-build: ## the build tests alone: layers, warnings, module information
	@$(CHECK) run build/layers build/features build/parameters build/menu build/breach build/compile

check-kernels: ## compile for every supported kernel, each in its own Debian (needs root)
	@$(CHECK) run build/kernels

check-large-pages: ## compile for pages of 64 KiB (arm64; fetches 139 MB once)
	@$(CHECK) run build/large-pages

check-dkms: ## install, upgrade, remove the package in each supported Debian (needs root)
	@$(CHECK) run build/dkms

check-rpm: ## install, upgrade, remove the RPM in a Debian 13 that says to be Fedora (needs root)
	@$(CHECK) run build/rpm

check-signed: lab-modules ## a kernel that wants signatures refuses our modules without, loads them with
	@$(CHECK) run build/signed

demo: ## a guest's disk on real Xen through our own drivers, with real output
	@selftests/demo/demo.sh

-include packaging/packaging.mk
-include selftests/lab/lab.mk
-include selftests/bench/bench.mk

kdir:
	@common/compat/kdir.sh check "$(KDIR)"

common/compat/config.h: common/compat/probe.sh kdir FORCE
	@common/compat/probe.sh $(KDIR) > $@.$$$$ || { rm -f $@.$$$$; exit 1; }; \
	if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi

FORCE:
.PHONY: FORCE kdir help modules install uninstall clean style check check-deep check-one \
	check-unit check-build check-kernels check-large-pages check-dkms check-rpm check-signed demo

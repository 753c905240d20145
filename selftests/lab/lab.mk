# SPDX-License-Identifier: GPL-2.0
# The lab's part of the menu: real Xen under QEMU, see selftests/lab/README.md.

LAB := selftests/lab/lab
CHECK := selftests/check

lab-setup: ## lab: install packages, build the images (once; cached)
	@$(LAB) setup

lab-modules: lab-setup
	+@if kdir=$$($(LAB) kdir 2>/dev/null); then $(MAKE) modules KDIR=$$kdir; \
	else $(LAB) modules; fi

lab-shell: ## lab: a shell in dom0; the lab stays alive afterwards
	@$(LAB) shell

lab-push: lab-modules ## lab: build the modules, copy them and the tests into dom0
	@$(LAB) push

lab-test: ## lab: run one test in the alive lab: make lab-test T=blk/NAME
	@$(CHECK) alive $(or $(T),$(error lab-test: which test? make lab-test T=SUITE/NAME; '$(LAB) tests' lists them))

lab-run: ## lab: run all tests (or T="NAME...") in a fresh lab
	@$(CHECK) run $(T)

check-matrix: ## lab: boot and try every supported Xen with every kernel (long)
	@$(CHECK) run lab/matrix-4-17 lab/matrix-4-20

check-guests: ## lab: boot a whole Debian from its own disk through our package (long; root)
	@$(CHECK) run build/debian

lab-selftest: ## lab: the runner's own tests: crashes, hangs, leaks
	@$(CHECK) run lab/runner

lab-status: ## lab: is one alive?
	@$(LAB) status

lab-stop: ## lab: end it
	@$(LAB) stop

.PHONY: lab-setup lab-modules lab-shell lab-push lab-test lab-run lab-selftest check-matrix check-guests lab-status lab-stop

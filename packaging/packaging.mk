# SPDX-License-Identifier: GPL-2.0
# DKMS and the Debian package's part of the menu.

# Where deb puts what it made.
DEB_DIR ?= build/deb

dkms-install: ## by DKMS, for this kernel and those to come; updates the initramfs
	@packaging/dkms.sh install "$(KDIR)"

dkms-remove: ## what dkms-install put there, for all kernels
	@packaging/dkms.sh remove

deb: ## the package xenpv-dkms, in build/deb
	@selftests/packages.sh deb
	@packaging/deb.sh $(DEB_DIR)

status: ## which kernels take our drivers, and which run now
	@packaging/xenpv-status

.PHONY: dkms-install dkms-remove deb status

# SPDX-License-Identifier: GPL-2.0
# DKMS and the Debian package's part of the menu.

# Where deb and rpm put what they made.
DEB_DIR ?= build/deb
RPM_DIR ?= build/rpm

dkms-install: ## by DKMS, for this kernel and those to come; updates the initramfs
	@packaging/dkms.sh install "$(KDIR)"

dkms-remove: ## what dkms-install put there, for all kernels
	@packaging/dkms.sh remove

deb: ## the package xenpv-dkms, in build/deb
	@selftests/packages.sh deb
	@packaging/deb.sh $(DEB_DIR)

rpm: ## the same as an RPM, in build/rpm; tried on no true RPM distribution
	@selftests/packages.sh rpm
	@packaging/rpm.sh $(RPM_DIR)

status: ## which kernels take our drivers, and which run now
	@packaging/xenpv-status

.PHONY: dkms-install dkms-remove deb rpm status

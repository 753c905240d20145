# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# renew_initramfs: of all kernels. Debian 12's dracut has no update-initramfs; its hook
# for kernel packages writes the same files by these names.
renew_initramfs() {
	if command -v update-initramfs >/dev/null; then
		update-initramfs -u -k all
	elif command -v dracut >/dev/null; then
		for image in /boot/initrd.img-*; do
			kernel=${image#/boot/initrd.img-}
			[ ! -d "/lib/modules/$kernel" ] || dracut -q --force "$image" "$kernel"
		done
	fi
}

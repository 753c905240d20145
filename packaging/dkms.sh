#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Behind make dkms-install, dkms-remove and deb:
#   dkms.sh version         print the version that dkms.conf gives
#   dkms.sh source FOLDER   copy what dkms needs of this tree into FOLDER
#   dkms.sh install KDIR    build and install by DKMS for KDIR's kernel, and from
#                           then on for every kernel that comes
#   dkms.sh remove          take all of that back
set -eu

tree=$(cd "$(dirname "$0")/.." && pwd)
kdir_sh=$tree/common/compat/kdir.sh
PATH=$PATH:/usr/sbin:/sbin

die()
{
	echo "dkms.sh: $*" >&2
	exit 1
}

version()
{
	sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$tree/dkms.conf"
}

need_dkms()
{
	if [ "$(id -u)" -ne 0 ]; then
		die "$1 needs root: use sudo"
	fi
	if ! command -v dkms >/dev/null; then
		die "dkms is missing: apt-get install dkms"
	fi
}

# Sources only: what a build left here was made for one kernel.
copy_source()
{
	mkdir -p "$1"
	(cd "$tree" && find Makefile Kbuild dkms.conf LICENSE common drivers \
		-type f ! -name '*.mod.c' ! -path common/compat/config.h \
		\( -name '*.[ch]' -o -name '*.sh' -o -name Kbuild -o -name Makefile \
		-o -name dkms.conf -o -name LICENSE \) -print0 |
		xargs -0 tar -cf -) | tar -C "$1" --no-same-owner -xf -
}

# Every version that DKMS has of us, by its own folders.
versions()
{
	for folder in /var/lib/dkms/xenpv/*/source; do
		if [ -L "$folder" ]; then
			basename "$(dirname "$folder")"
		fi
	done
}

remove_all()
{
	for old in $(versions); do
		# dkms removes nothing, and gives no original module back, without
		# the sources.
		if [ ! -e "/usr/src/xenpv-$old/dkms.conf" ]; then
			copy_source "/usr/src/xenpv-$old"
			sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$old\"/" \
				"/usr/src/xenpv-$old/dkms.conf"
		fi
		dkms remove "xenpv/$old" --all
		rm -rf "/usr/src/xenpv-$old"
	done
	rm -f "$hook" "$rules"
	for folder in /lib/modules/*/updates/dkms; do
		for name in xenpv-common xen-blkfront xen-blkback xen-netfront xen-netback; do
			rm -f "$folder/$name".ko*
		done
	done
}

package_owns()
{
	if dpkg-query -W -f '${db:Status-Status}' xenpv-dkms 2>/dev/null |
	   grep -qx installed; then
		die "the package xenpv-dkms is installed: apt-get remove xenpv-dkms first"
	fi
}

hook=/etc/initramfs-tools/hooks/xenpv
rules=/etc/udev/rules.d/60-xenpv.rules

# The initramfs has a copy of its own of the driver for the root disk.
update_initramfs()
{
	if command -v update-initramfs >/dev/null; then
		update-initramfs -u -k "$1"
	else
		echo "dkms.sh: no update-initramfs here: update the initramfs yourself" >&2
	fi
}

install_modules()
{
	need_dkms dkms-install
	package_owns
	"$kdir_sh" check "$1"
	release=$("$kdir_sh" release "$1")
	if [ ! -e "/lib/modules/$release" ]; then
		die "kernel $release of KDIR=$1 is not installed: no /lib/modules/$release"
	fi
	remove_all
	copy_source "/usr/src/xenpv-$(version)"
	if [ -d "${hook%/*}" ]; then
		cp "$tree/packaging/initramfs-hook" "$hook"
	fi
	if [ -d "${rules%/*}" ]; then
		cp "$tree/packaging/xenpv.rules" "$rules"
	fi
	dkms add "xenpv/$(version)"
	dkms install "xenpv/$(version)" -k "$release"
	update_initramfs "$release"
	echo "dkms.sh: used from the next boot on; packaging/xenpv-status tells"
}

remove_modules()
{
	need_dkms dkms-remove
	package_owns
	if [ -z "$(versions)" ]; then
		echo "dkms.sh: DKMS has no xenpv"
		return
	fi
	remove_all
	for release in /lib/modules/*/; do
		depmod "$(basename "$release")"
	done
	update_initramfs all
}

case ${1:-} in
version)
	version
	;;
source)
	copy_source "${2:?usage: dkms.sh source FOLDER}"
	;;
install)
	install_modules "${2:-}"
	;;
remove)
	remove_modules
	;;
*)
	die "unknown command '${1:-}' (version, source FOLDER, install KDIR, remove)"
	;;
esac

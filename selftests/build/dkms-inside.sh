#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package and make dkms-install in a Debian with its own dkms and kernel, in
# TAP: make check-dkms. Runs as root in a chroot that is thrown away after it, since
# it installs and removes packages, modules and kernels.
#
# Would fail (not tried): "ours are chosen" with DEST_MODULE_LOCATION=/kernel,
# "removal" with no dkms remove in the prerm, "the initramfs" without the postinst.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=selftests/build/inside.sh
. "$here/inside.sh"

# said NAME TEXT: what ran last has printed TEXT.
said()
{
	is_empty "dkms: $1" "$(grep -qF "$2" $log || { echo "no '$2' in:"; tail -n 15 $log; })"
}

# in_initramfs NAME PATTERN NOT: of the files named xen-blkfront and xenpv-common.
in_initramfs()
{
	local files

	files=$(lsinitramfs "/boot/initrd.img-$release" | grep -E '(xen-blkfront|xenpv-common)\.ko')
	is_empty "dkms: $1" "$({ grep -qE "$2" <<<"$files" && ! grep -qE "$3" <<<"$files"; } ||
		echo "has: ${files:-none}")"
}

load_order()
{
	modprobe -S "$release" --show-depends xen-blkfront | grep -E 'xenpv-common|xen-blkfront' |
		sed 's|.*/updates/dkms/||; s|\.ko.*||' | xargs
}

# package VERSION: makes /tmp/VERSION.deb
package()
{
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" /tmp/tree/dkms.conf
	sed -i "1s/(.*)/($1)/" /tmp/tree/debian/changelog
	/tmp/tree/packaging/deb.sh /tmp/deb && mv /tmp/deb/*.deb "/tmp/$1.deb"
}

# A kernel from the future in /tmp, with headers as far as anybody looks.
fake_kernel()
{
	local build=/tmp/$1/build

	mkdir -p "$build"
	cp -rL "/lib/modules/$release/build/." "$build/"
	rm -rf "$build/scripts" "$build/arch"
	echo "#define LINUX_VERSION_CODE $((9 << 16))" \
		>"$build/include/generated/uapi/linux/version.h"
	echo "#define UTS_RELEASE \"$1\"" >"$build/include/generated/utsrelease.h"
	cp "/lib/modules/$release/modules."* "/tmp/$1/"
	cp -r "/lib/modules/$release/kernel" "/tmp/$1/"
}

try_install()
{
	does "the package is built" package 0.8
	does "and installs" dpkg -i /tmp/0.8.deb
	chosen "ours are chosen" updates/dkms
	is_empty "dkms: common is loaded first" \
		"$(order=$(load_order); [ "$order" = "xenpv-common xen-blkfront" ] || echo "$order")"
	is_empty "dkms: signed with dkms' key" "$(signed)"
	in_initramfs "the initramfs has ours alone" 'updates/dkms/xenpv-common' \
		'kernel/.*xen-blkfront'
	does "xenpv-status is content" xenpv-status
	does "the package's own test" /tmp/tree/debian/tests/chosen
}

try_upgrade()
{
	package 0.9 >$log 2>&1
	does "an upgrade installs" dpkg -i /tmp/0.9.deb
	chosen "ours are chosen after it" updates/dkms
	is_empty "dkms: the old version is gone" \
		"$(dkms status | grep -v 'xenpv/0.9'; find /usr/src -maxdepth 1 -name 'xenpv-0.8')"
}

try_unsupported()
{
	mv /tmp/9.0.0-fake /lib/modules/
	depmod 9.0.0-fake
	# What a kernel's package runs at its installation.
	if [[ $(dkms --version) == *3.0.10* ]]; then
		/etc/kernel/postinst.d/dkms 9.0.0-fake >$log 2>&1
		said "a kernel that is not supported is passed over" "BUILD_EXCLUSIVE directive"
	else
		does "a kernel that is not supported installs" \
			/etc/kernel/postinst.d/dkms 9.0.0-fake
	fi
	is_empty "dkms: and keeps its own drivers" \
		"$(modinfo -k 9.0.0-fake -n xen-blkfront 2>&1 | grep -v '/9.0.0-fake/kernel/')"
	fails "xenpv-status says why" "its kernel is 9.0.0-fake; supported are" \
		xenpv-status 9.0.0-fake
	rm -r /lib/modules/9.0.0-fake
}

try_no_headers()
{
	dpkg -r xenpv-dkms >$log 2>&1
	mv "/lib/modules/$release/build" /tmp/build
	does "without headers it installs" dpkg -i /tmp/0.9.deb
	said "and says what to do" "its headers are missing: apt-get install linux-headers-$release"
	chosen "the kernel keeps its own" kernel
	mv /tmp/build "/lib/modules/$release/build"
	does "with headers there it is built" dkms autoinstall -k "$release"
	chosen "and chosen" updates/dkms
}

try_broken()
{
	sed -i '1i #error broken' /tmp/tree/drivers/netback/main.c
	package 1.0 >$log 2>&1
	sed -i 1d /tmp/tree/drivers/netback/main.c
	fails "an upgrade that cannot be built fails" "" dpkg -i /tmp/1.0.deb
	chosen "and leaves the kernel its own" kernel
	package 1.1 >$log 2>&1
	does "the next one that can be mends it" dpkg -i /tmp/1.1.deb
	chosen "with ours" updates/dkms
	rm "/lib/modules/$release/updates/dkms/"xen-net*
	depmod "$release"
	fails "xenpv-status sees what is half installed" "half installed: ours:" xenpv-status
	rm "/lib/modules/$release/updates/dkms/"xenpv-common*
	depmod "$release"
	fails "xenpv-status sees what is broken" "xenpv-common is missing" xenpv-status
}

try_remove()
{
	does "the package is removed" dpkg -P xenpv-dkms
	chosen "the kernel's own are back" kernel
	in_initramfs "and in the initramfs" 'kernel/.*xen-blkfront' 'updates|xenpv-common'
	is_empty "dkms: nothing is left" \
		"$(find /usr/src /var/lib/dkms /etc/initramfs-tools \
			/lib/modules -path '*xenpv*')"
}

try_make()
{
	local target=("make" "-C" /tmp/tree "KDIR=/lib/modules/$release/build")

	does "make dkms-install" "${target[@]}" dkms-install
	chosen "ours are chosen" updates/dkms
	does "once more, over itself" "${target[@]}" dkms-install
	rm -r /usr/src/xenpv-*
	does "make dkms-remove, though its sources are lost" "${target[@]}" dkms-remove
	chosen "the kernel's own are back after that" kernel
	in_initramfs "and in the initramfs again" 'kernel/.*xen-blkfront' 'updates|xenpv-common'
}

cp -r /xenpv /tmp/tree
fake_kernel 9.0.0-fake
does "an initramfs of the kernel's own" update-initramfs -c -k "$release"
in_initramfs "it has the kernel's driver" 'kernel/.*xen-blkfront' 'xenpv-common'
try_install
try_upgrade
try_unsupported
try_no_headers
try_broken
try_remove
try_make

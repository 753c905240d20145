#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package with dracut in place of initramfs-tools, in TAP. Runs as root in a chroot
# that is thrown away after it.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=selftests/build/inside.sh
. "$here/inside.sh"

# use_dracut: as its package does, which replaces initramfs-tools.
use_dracut()
{
	dpkg -r --force-depends initramfs-tools || return 1
	# There is no root disk whose driver it could look for; gzip takes minutes.
	printf '%s\n' 'hostonly="no"' 'compress="cat"' >/etc/dracut.conf.d/tests.conf
	dracut -q --force "/boot/initrd.img-$release" "$release"
}

# loads NAME FOLDER: the driver that modprobe takes in what dracut has made. It may hold
# the kernel's own as well, which depmod passes over then.
loads()
{
	local dep
	dep=$(lsinitrd -f "usr/lib/modules/$release/modules.dep" "/boot/initrd.img-$release" |
		grep '/xen-blkfront\.ko[.a-z]*:')
	is_empty "$what: $1" "$([[ $dep == "$2"/* ]] || echo "modules.dep has: ${dep:-nothing}")"
}

cp -r /xenpv /tmp/tree
does "an initramfs of dracut with the kernel's own" use_dracut
loads "it has the kernel's driver" kernel
does "the package is built" /tmp/tree/packaging/deb.sh /tmp/deb
does "and installs" dpkg -i /tmp/deb/xenpv-dkms_*.deb
chosen "ours are chosen" updates/dkms
loads "the initramfs loads ours" updates/dkms
does "the package is removed" dpkg -P xenpv-dkms
chosen "the kernel's own are back" kernel
loads "and in the initramfs" kernel
is_empty "$what: nothing of ours is left there" \
	"$(lsinitrd "/boot/initrd.img-$release" | grep -E 'updates/|xenpv')"

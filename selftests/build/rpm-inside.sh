#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The RPM with rpm, dkms, depmod and dracut as they are in Fedora, in TAP: make
# check-rpm. No Fedora: a Debian that says that it is one, which has dkms install to
# another folder. Runs as root in a chroot that is thrown away after it.
#
# Seen failing: "ours are chosen after a new release" where %preun left it to dkms'
# --rpm_safe_upgrade to keep what %post has just installed.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=selftests/build/inside.sh
. "$here/inside.sh"

look_like_fedora()
{
	printf 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43\n' >/etc/os-release
	mkdir -p /etc/depmod.d
	echo "search updates extra built-in weak-updates" >/etc/depmod.d/dist.conf
	# There is no root disk whose driver it could look for; gzip takes minutes.
	printf '%s\n' 'hostonly="no"' 'compress="cat"' >/etc/dracut.conf.d/tests.conf
	dracut --force --kver "$release"
}

# package VERSION RELEASE: makes /tmp/VERSION-RELEASE.rpm
package()
{
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$1\"/" /tmp/tree/dkms.conf
	sed -i "s/^Release:.*/Release: $2/" /tmp/tree/packaging/xenpv-dkms.spec
	/tmp/tree/packaging/rpm.sh /tmp/rpm && mv /tmp/rpm/*.rpm "/tmp/$1-$2.rpm"
}

# in_initramfs NAME PATTERN NOT: the drivers in what dracut has made.
in_initramfs()
{
	local files

	files=$(lsinitrd "$(find /boot -name "init*$release*")" |
		grep -oE '[^ ]+/(xen-(blk|net)front|xenpv-common)\.ko[.a-z]*$')
	is_empty "$what: $1" "$({ grep -qE "$2" <<<"$files" && ! grep -qE "$3" <<<"$files"; } ||
		echo "has: ${files:-none}")"
}

cp -r /xenpv /tmp/tree
does "an initramfs of the kernel's own" look_like_fedora
in_initramfs "it has the kernel's driver" 'kernel/.*xen-blkfront' 'xenpv-common'
does "the package is built" package 0.8 1
# Its dependencies are there, but rpm knows of no package that is not its own.
does "and installs" rpm -i --nodeps /tmp/0.8-1.rpm
chosen "ours are chosen" extra
is_empty "rpm: signed with dkms' key" "$(signed)"
in_initramfs "the initramfs has ours alone" 'extra/xen-blkfront' 'kernel/.*front'
in_initramfs "and what they stand on" 'extra/xenpv-common' 'kernel/.*front'
does "xenpv-status is content" xenpv-status
does "no file has changed" rpm -V --nodeps xenpv-dkms
does "a new release of the same version is built" package 0.8 2
does "and installs over it" rpm -U --nodeps /tmp/0.8-2.rpm
chosen "ours are chosen after a new release" extra
does "a new version is built" package 0.9 1
does "and installs over that" rpm -U --nodeps /tmp/0.9-1.rpm
chosen "ours are chosen after a new version" extra
is_empty "rpm: the old version is gone" \
	"$(dkms status | grep -v 'xenpv/0.9'; find /usr/src -maxdepth 1 -name 'xenpv-0.8')"
does "the package is removed" rpm -e xenpv-dkms
chosen "the kernel's own are back" kernel
in_initramfs "and in the initramfs" 'kernel/.*xen-blkfront' 'extra|xenpv-common'
is_empty "rpm: nothing is left" "$(find /usr/src /var/lib/dkms /lib/modules /usr/sbin \
	/usr/lib/dracut /etc/dracut.conf.d -path '*xenpv*')"

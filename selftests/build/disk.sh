#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A Debian on a disk, with xenpv from its package: disk.sh [KERNEL] prints the name
# of the disk's image and makes it unless the cache has it. Needs root.
#
# It is an installed system: systemd, udev, its own kernel, dkms, which has built our
# modules from the .deb, and the initramfs that its own initramfs-tools made.
# Beside that, the lab's agent, for commands from dom0.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
tree=$(cd "$here/../.." && pwd -P)
kernel=${1:-6.1}
cache=${XENPV_CACHE:-$HOME/.cache/xenpv}/disks
export CHROOT_MORE="systemd-sysv udev dbus iproute2 iputils-ping procps e2fsprogs libc6-dev"

# Everything that the disk depends on: the package's sources, and how it is made.
digest()
{
	(
		cd "$tree"
		find common drivers debian packaging tools contrib man docs README.md dkms.conf Makefile Kbuild \
			selftests/build/disk*.sh selftests/lab/image/agent -type f \
			! -name '*.o' ! -name '*.ko' ! -name '*.mod' ! -name '*.mod.c' \
			! -name '.*.cmd' ! -name config.h ! -name '*.symvers' ! -name modules.order \
			-print0 | sort -z | xargs -0 sha256sum
		echo "$chroot"
	) | sha256sum | cut -c1-12
}

chroot=$("$here/chroot.sh" make "$kernel")
out=$cache/$kernel-$(digest).img
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -e "$out" ]; then
	echo "disk.sh: making $out (some minutes)" >&2
	rm -f "$cache/$kernel-"*
	if ! "$here/chroot.sh" run "$kernel" nice -n 10 /xenpv/selftests/build/disk-inside.sh \
		2>"$cache/$kernel.log" | tar -C "$cache" --transform "s|.*|${out##*/}.tmp|" -xSf -; then
		tail -n 20 "$cache/$kernel.log" | sed 's/^/    /' >&2
		echo "disk.sh: no disk was made; $cache/$kernel.log has all of it" >&2
		exit 1
	fi
	mv "$out.tmp" "$out"
fi
echo "$out"

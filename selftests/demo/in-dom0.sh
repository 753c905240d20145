#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The part of the demo that runs in dom0. A failure's name is left in
# /run/xenpv/demo.failed.
# shellcheck source=selftests/lib/lab.sh disable=SC1091
. /xenpv/selftests/lib/lab.sh
# The library's verdict is for tests.
trap - EXIT

title() { printf '\n== %s\n' "$*"; }
in_guest() { GUEST_TIMEOUT=300 guest_run demo "$1"; }

fail()
{
	echo "$*" >/run/xenpv/demo.failed
	exit 1
}

same()
{
	echo "guest: $2"
	echo "dom0:  $3"
	if [ -z "$2" ] || [ "$2" != "$3" ]; then
		fail "$1 differs"
	fi
}

disk_sha='dd if=/dev/xvdb bs=1M iflag=direct status=none | sha256sum'

title "dom0: our backend, on $(xl info xen_version) and Linux $(uname -r)"
backend_use blkback ours || fail "loading xen-blkback"
lsmod | grep -E '^xen(pv|_blk)'

title "a PVH guest with our frontend, and a disk for it"
disk_create demo size=96 || fail "making a disk"
guest_create demo type=pvh front=none frontblk=ours || fail "creating the guest"
disk_attach demo demo xvdb || fail "attaching the disk"
xl list
in_guest 'dmesg | grep -E "xenpv|blkfront|xvdb"' || fail "the guest's dmesg of our driver"
dmesg | grep xen-blkback | tail -n 2

title "guest: a file system, and a tree of files on it"
in_guest 'mkfs.ext4 -q /dev/xvdb && mkdir -p /mnt && mount /dev/xvdb /mnt &&
	cp -r /etc /usr/bin /mnt && sync && du -sh /mnt && df -h /mnt && umount /mnt' ||
	fail "mkfs and copying files"

title "the same bytes on both sides: sha256 of the whole disk"
same "the disk's sha256" "$(in_guest "$disk_sha" | cut -c1-64)" \
	"$(dd if="$(disk_dev demo)" bs=1M iflag=direct status=none | sha256sum | cut -c1-64)"

title "guest: fio writes with checksums and reads them back"
in_guest 'fio --name=verify --filename=/dev/xvdb --rw=randwrite --bs=4k --size=8m \
	--ioengine=libaio --iodepth=32 --direct=1 --verify=crc32c --verify_fatal=1 |
	grep -E "err=|IOPS"' | tee /run/xenpv/demo.fio
grep -q 'err= 0' /run/xenpv/demo.fio || fail "fio's verification"

title "dom0: what xentop says of the disk"
xentop -b -x -i 1 | grep -E 'NAME|demo|VBD' || fail "xentop"

title "dom0: what the drivers say of themselves"
grep -E 'ring-ref|events|maps|map_calls|reads|writes' \
	"/sys/kernel/debug/xenpv/xen-blkback/vbd-$(guest_domid demo)-$(disk_devid xvdb)/queues"

title "detached, and attached again"
disk_detach demo xvdb || fail "detaching"
in_guest 'test ! -e /dev/xvdb && echo "guest: /dev/xvdb is gone"' || fail "the disk's going"
disk_attach demo demo xvdb || fail "attaching again"
same "the disk's sha256" "$(in_guest "$disk_sha" | cut -c1-64)" \
	"$(dd if="$(disk_dev demo)" bs=1M iflag=direct status=none | sha256sum | cut -c1-64)"

title "both kernels' logs"
if { dmesg; guest_console demo; } | grep -E 'BUG|WARNING: CPU|Oops|Call Trace|g\.e\.'; then
	fail "the kernels' logs"
fi
echo "nothing but what is expected"
guest_destroy demo || fail "destroying the guest"

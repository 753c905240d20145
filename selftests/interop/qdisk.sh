#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Our blkfront with the other backend that people use: QEMU's (xl's qdisk), with
# all features, then with ours switched off one by one. The short tier: all and none of
# them, in an HVM guest, whose own disk is QEMU's too until it is unplugged.
# timeout: 240
# tier: short, deep
# Would fail (not tried) when, for example, blkfront needs a key that only Linux'
# backend writes, or sends requests larger than QEMU said it takes.
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/../guests/lib.sh"
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/../blk/pair.sh"

IMAGE=/run/xenpv/qdisk.img
at_exit rm -f $IMAGE $IMAGE.first

STATE=/sys/kernel/debug/xenpv/xen-blkfront/vbd-51728/state

# with NAME [PARAMETER=VALUE...]: blkfront loaded so, on a disk of QEMU's.
with() {
	local name=$1 line
	shift
	check "$name: blkfront" frontend_use g1 blkfront ours "$@"
	check "$name: attached" timeout "$(seconds 60)" xl block-attach g1 \
		"backendtype=qdisk,format=raw,vdev=xvdb,access=w,target=$IMAGE"
	check "$name: there" disk_wait g1 xvdb
	while read -r line; do
		diag "$name: $line"
	done < <(guest_run g1 "mountpoint -q /sys/kernel/debug || mount -t debugfs d /sys/kernel/debug
		grep -E 'queues|ring|persistent|indirect|discard|flush|segments' $STATE")
	check "$name: fio verifies" guest_run g1 'fio --name=v --filename=/dev/xvdb --rw=randwrite \
		--bsrange=512-512k --size='"$MIB"'m --ioengine=libaio --iodepth=16 --direct=1 \
		--verify=crc32c --verify_fatal=1 --do_verify=1 --fsync=50 >/tmp/log 2>&1 ||
		{ tail -n 20 /tmp/log; false; }'
	is "$name: the same bytes in dom0" "$(guest_sha g1 /dev/xvdb)" "$(sha $IMAGE)"
	is "$name: no error" "$(front_stat g1 xvdb errors)" 0
	check "$name: detached" disk_detach g1 xvdb
}

MIB=$(by_tier 24 4)
need_built blkfront
need guest_qemu_files
truncate -s 32M $IMAGE
# A disk in its configuration has xl start QEMU, which the others are added to.
truncate -s 1M $IMAGE.first
need guest_create g1 vcpus=2 frontblk=none frontnet=none \
	disk="backendtype=qdisk,format=raw,vdev=xvdz,access=w,target=$IMAGE.first"
with "all features"
if deep; then
	with "no persistent grants" feature_persistent=0
	with "no indirect segments" max_indirect_segments=11
	with "one queue" max_queues=1
	with "rings of a page" max_ring_page_order=0
fi
with "none of it" feature_persistent=0 max_indirect_segments=11 max_queues=1 max_ring_page_order=0
! deep || with "an untrusted backend" trusted=0
check "the guest goes" guest_destroy g1

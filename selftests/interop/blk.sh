#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All four pairings of our and the kernel's block drivers, in guests of both
# kinds. The 32-bit layouts, which no kernel here speaks, are spoken by a
# program in lifecycle/blk-handshake.sh.
# timeout: 400
# Would fail (not tried) when, for example, in drivers/blkfront/connect.c
# - remove_stale_keys() does nothing: where the kernel's frontend had the disk
#   before, its keys make the kernel's backend wait for queues, keep grants
# - write_keys() does not write protocol: the backend reads 32-bit requests
# or in drivers/blkback write_features() leaves out feature-flush-cache.
. "$(dirname "$0")/../lifecycle/lib.sh"

IMAGE=/tmp/saved
at_exit rm -f $IMAGE
round_trip() { guest_save g1 $IMAGE && guest_restore g1 $IMAGE; }
file_system() {
	guest_run g1 'mkfs.ext4 -qF /dev/xvdb && mount /dev/xvdb /mnt &&
		seq 50000 >/mnt/numbers && umount /mnt && sync'
}
bytes_in_dom0() {
	echo 3 >/proc/sys/vm/drop_caches
	[ "$(debugfs -R 'cat /numbers' "$(disk_dev d1)" 2>/dev/null | md5sum)" = "$(seq 50000 | md5sum)" ]
}

# pairing TYPE FRONT BACK: in guest g1, where another frontend may have the disk.
pairing() {
	local name="$1, $2 front, $3 back"
	check "$name: the frontend" switch_front "$2"
	check "$name: takes the disk" disk_wait g1 xvdb || return 1
	check "$name: a file system" file_system
	check "$name: the same bytes in dom0" bytes_in_dom0
	check "$name: detach" disk_detach g1 xvdb
	check "$name: attach again" disk_attach g1 d1 xvdb || return 1
	io_start /dev/xvdb g1
	check "$name: I/O" io_moves /dev/xvdb g1
	check "$name: the backend is bound again under it" rebind "$(back_dev g1 xvdb)"
	check "$name: I/O goes on" io_moves /dev/xvdb g1
	if [ "$2" != "$3" ] && [ "$1" = pvh ]; then
		check "$name: saved and restored" round_trip
		check "$name: I/O goes on after that" io_moves /dev/xvdb g1
	fi
	check "$name: all of it right" io_end g1
}

# guest TYPE BACK FRONT...
guest() {
	local type=$1 back=$2 front
	shift 2
	need backend_use blkback "$back"
	need guest_create g1 type="$type" front=none disk="phy:$(disk_dev d1),xvdb,w"
	for front; do
		pairing "$type" "$front" "$back"
	done
	need guest_destroy g1
	wait_until 20 no_backends
}

need frontend_use 0 blkfront none
need disk_create d1 size=32
guest pvh ours intree ours
guest pvh intree intree ours
guest pv ours intree
guest pv intree ours

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest restored to a backend that offers less than the one it knew, with
# I/O of all sizes under way, then to one that offers more again: what was under
# way is sent anew within the new limits, and nothing is wrong.
# timeout: 300
# Would fail (not tried yet) when, for example, in drivers/blkfront
# - choose_ring() keeps a hardware queue on a ring that is no more: hangs
# - settle_features() keeps what the former backend offered: states differ
# - the rest of a request sent in parts is forgotten: wrong data
. "$(dirname "$0")/lib.sh"

IMAGE=/tmp/saved
PARAMETERS=/sys/module/xen_blkback/parameters
at_exit rm -f $IMAGE
state() {
	guest_run g1 "mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
		sed -n 's/^$1: //p' /sys/kernel/debug/xenpv/xen-blkfront/vbd-$(disk_devid xvdb)/state"
}
# offer QUEUES PERSISTENT: of the kernel's backend, from the next connection on.
offer() {
	echo "$1" >$PARAMETERS/max_queues && echo "$2" >$PARAMETERS/feature_persistent
}
round_trip() { guest_save g1 $IMAGE && offer "$@" && guest_restore g1 $IMAGE; }
negotiated() { echo "$(state rings) $(state "persistent grants") $(state queues)"; }

need backend_use blkback intree
need frontend_use 0 blkfront none
need offer 2 Y
need disk_create d1 size=32
need guest_create g1 type=pvh vcpus=2 frontnet=none disk="phy:$(disk_dev d1),xvdb,w"
is "two queues, lasting grants" "$(negotiated)" "2 1 2"
need guest_start_bg g1 fio "$(fio_job /dev/xvdb 3600 --bsrange=4k-1m --bs_unaligned=0)"
check "under I/O" io_moves /dev/xvdb g1
check "saved, restored to a backend with less" round_trip 1 N
check "I/O goes on" io_moves /dev/xvdb g1
is "one queue, no lasting grants" "$(negotiated)" "1 0 2"
check "saved, restored to a backend with more" round_trip 2 Y
check "I/O goes on" io_moves /dev/xvdb g1
is "two queues, lasting grants again" "$(negotiated)" "2 1 2"
check "all of it right" io_end g1
check "the disk goes" disk_detach g1 xvdb

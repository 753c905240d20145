#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest saved and restored with I/O under way, twice; with a disk that has
# changed meanwhile; of both kinds.
# timeout: 240
# Would fail (not tried) when, for example, in drivers/blkfront
# - take_all_back() forgets requests: the job hangs; or replays them twice or
#   to stale pages: wrong data
# - take_resume() does not take the new backend's path
# - connect() does not set the size or the flush again
. "$(dirname "$0")/lib.sh"

IMAGE=/tmp/saved
at_exit rm -f $IMAGE
round_trip() { guest_save g1 $IMAGE && "$@" && guest_restore g1 $IMAGE; }
size_in() { guest_run g1 'cat /sys/block/xvdb/size'; }
cache_in() { guest_run g1 'cat /sys/block/xvdb/queue/write_cache'; }

need backend_use blkback ours
need frontend_use 0 blkfront none
need disk_create d1 size=32
disk=$(disk_dev d1)

need guest_create g1 type=pvh frontnet=none disk="phy:$disk,xvdb,w"
need io_start /dev/xvdb g1
for turn in first second; do
	check "PVH, under I/O" io_moves /dev/xvdb g1
	check "saved and restored, the $turn time" round_trip true
	check "I/O goes on" io_moves /dev/xvdb g1
	check "both ends are connected" wait_until 15 states_are g1 xvdb 4 4
done
check "all of it right" io_end g1

check "saved; the disk grows; restored" round_trip disk_resize d1 48
check "connected" wait_until 15 states_are g1 xvdb 4 4
is "the guest sees the new size" "$(size_in)" $((48 * 2048))
is "a disk with a cache" "$(cache_in)" "write back"
no_cache() { echo "write through" >"/sys/block/$(basename "$disk")/queue/write_cache"; }
check "saved; the disk has no cache any more; restored" round_trip no_cache
is "the guest sees that" "$(cache_in)" "write through"
check "I/O works" guest_run g1 "$(fio_job /dev/xvdb 2 --fsync=8)"
check "the disk goes" disk_detach g1 xvdb
check "the guest too" guest_destroy g1

need guest_create g1 type=pv frontnet=none disk="phy:$disk,xvdb,w"
need io_start /dev/xvdb g1
check "PV, under I/O" io_moves /dev/xvdb g1
check "saved and restored" round_trip true
check "I/O goes on with PV" io_moves /dev/xvdb g1
check "all of that right" io_end g1

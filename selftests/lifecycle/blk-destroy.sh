#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that dies, in any way, with I/O under way: its backend goes with all
# that it held, also where its disk answers late or not at all.
# timeout: 240
# allow: sysrq: Trigger a crash|Kernel panic|Call Trace
# Would fail (not tried) when, for example,
# - back[XPV_LIVE] stays at Unknown: the disk is never closed (losetup -d fails)
# - device_remove() waits without REMOVE_WAIT: the second disk is not attached
#   while the first one's storage is stuck
# - blkback_queue_stop() does not wait for its requests: bios end in freed memory
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-10}

# A paravirtual guest with the smallest memory boots fastest.
new_guest() { guest_create g1 type=pv frontnet=none disk="phy:$1,xvdb,w"; }
under_io() { io_start /dev/xvdb g1 && io_moves /dev/xvdb g1; }

need backend_use blkback ours
need frontend_use 0 blkfront none
need disk_create d1 size=32
disk=$(disk_dev d1)

one_round() { new_guest "$disk" && under_io && guest_destroy g1 && wait_until 20 no_backends; }
for ((round = 1; round <= ROUNDS; round++)); do
	check "round $round: destroyed under I/O" one_round || break
done

check "a guest with I/O" new_guest "$disk"
check "under way" under_io
check "is paused" xl pause g1
sleep 3
check "goes on" xl unpause g1
check "with its I/O" io_moves /dev/xvdb g1
guest_run g1 '(sleep 0.2; echo c >/proc/sysrq-trigger) & disown' >/dev/null
check "crashed, it goes" wait_until 15 _domain_gone g1
check "with its backend" wait_until 20 no_backends
is "no thread is left" "$(threads_left)" 0

# Storage that is stuck: dm holds back everything while it is suspended.
dmsetup create stuck --table "0 $(blockdev --getsz "$disk") linear $disk 0"
at_exit 'dmsetup resume stuck 2>/dev/null; dmsetup remove stuck 2>/dev/null'
check "a guest on a dm device" new_guest /dev/mapper/stuck
check "with I/O on it" under_io
dmsetup suspend --nolockfs --noflush stuck
sleep 0.5
xl destroy g1 >/dev/null 2>&1 &
destroyer=$!
sleep 1
need disk_create d2 size=8
need frontend_use 0 blkfront ours
check "with its storage stuck, another disk can be attached" timeout "$(seconds 60)" \
	bash -c ". $HERE/lib.sh; trap - EXIT; disk_attach 0 d2 xvdy"
check "and used" bash -c "$(fio_job /dev/xvdy 1 --size=4m)"
check "and detached" disk_detach 0 xvdy
dmsetup resume stuck
wait $destroyer
check "the storage goes on: the guest is gone" wait_until 15 _domain_gone g1
check "its backend too" wait_until 15 no_backends
check "nobody has the device open" wait_until 20 dmsetup remove stuck
is "again no thread is left" "$(threads_left)" 0

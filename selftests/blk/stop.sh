#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend that is unbound from a connected frontend, and bound again: what was taken
# is answered as it should be, and soon, and what was negotiated stays. The frontend is
# a program, see stop.py; the disk is one that keeps requests until it is resumed.
# timeout: 150
# leaks memory: Xen's unpopulated pages, for as many grants as a guest may have mapped
# Would fail (not tried): with the last request answered by an error where the queue
# stops; without end_waiting() in discard.c; without keep_features() in connect.c.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

DIR=$(dirname "$0")

need_built blkback
need backend_use blkback ours
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
need disk_create fast kind=ram size=8
need disk_create d1 kind=ram size=64 discard=1
ram=$(disk_dev d1)
need dmsetup create slow --table "0 $(blockdev --getsz "$ram") linear $ram 0"
need udevadm settle
at_exit "dmsetup resume slow; wait_until 10 dmsetup remove slow"

tap_from timeout "$(seconds 120)" python3 "$DIR/stop.py" "$(disk_dev fast)" \
	/dev/mapper/slow "$ram"

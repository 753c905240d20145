#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest's page that changes while it is written, as those of its page cache do: a disk
# that computes checksums of what it is given gets a copy. See stable.py.
# timeout: 60
# Would fail (not tried): where wants_copy() in stable.c says no.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

need_built blkback
need backend_use blkback ours
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
need disk_create d1 kind=ram size=8
ram=$(disk_dev d1)
need dmsetup create slow --table "0 $(blockdev --getsz "$ram") linear $ram 0"
at_exit "dmsetup resume slow; wait_until 10 dmsetup remove slow"
tap_from timeout "$(seconds 50)" python3 "$(dirname "$0")/stable.py" /dev/mapper/slow

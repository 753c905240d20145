#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend whose directory the toolstack removes while what it has to say there changes:
# nothing of it comes back. See blk-removed.py.
# timeout: 90
# Would fail (not tried): with write_features() outside of a transaction in
# refresh_features().
# shellcheck source=selftests/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"

need_built blkback
need backend_use blkback ours
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
need disk_create d1 kind=ram size=8
need disk_create d2 size=8
ram=$(disk_dev d1)
need dmsetup create slow --table "0 $(blockdev --getsz "$ram") linear $ram 0"
need udevadm settle
at_exit "dmsetup resume slow; wait_until 10 dmsetup remove slow"
tap_from timeout "$(seconds 80)" python3 "$HERE/blk-removed.py" /dev/mapper/slow \
	"$(disk_dev d2)" "$(disk_file d2)"

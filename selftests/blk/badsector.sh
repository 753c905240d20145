#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A bad sector fails the request that asks for it, and none of the neighbours that the
# block layer has merged it with. See badsector.py.
# timeout: 60
# Would fail (not tried): without blkback_io_resubmit() in io.c.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

BAD=800

need_built blkback
need backend_use blkback ours
need disk_create d1 kind=ram size=8 badblocks=+$BAD-$((BAD + 7))
need udevadm settle
tap_from timeout "$(seconds 50)" python3 "$(dirname "$0")/badsector.py" "$(disk_dev d1)" $BAD

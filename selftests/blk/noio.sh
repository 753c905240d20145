#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What connects a disk again allocates without I/O, from the first look at the backend to
# the last key: swap may be on that disk. The work is stopped half way, by stopping
# xenstored, again and again, and its flags are looked at (PF_MEMALLOC_NOIO).
#
# Would fail (not tried): a device's work that says so only within what the driver does.
# timeout: 120
# The kernel's own backend does its part in xenwatch: such work is our frontend's.
BACK=${BACK:-intree}
. "$(dirname "$0")/pair.sh"
pair_setup own
need disk_create d1 size=8
need disk_attach 0 d1 xvdb
need udevadm settle
# It would read the disk, in the end from nobody.
need udevadm control --stop-exec-queue
at_exit udevadm control --start-exec-queue
tap_from python3 "$(dirname "$0")/noio.py" "$(disk_backend 0 xvdb)" "$(disk_frontend 0 xvdb)" "$(pidof xenstored oxenstored)"
check "the disk goes" disk_detach 0 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A frontend that connects in a loop, with rings, channels and states as it likes:
# dom0's log stays readable.
# timeout: 240
# Seen failing: with rings mapped by xenbus_map_ring_valloc() alone, whose every
# failure is told.
. "$(dirname "$0")/lib.sh"

need pair_use
need disk_create d1 size=8

tap_from without_udev timeout "$(seconds 200)" python3 "$HERE/flood.py" "$(disk_dev d1)"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The handshake with peers that do not follow it, each played by a program that
# writes xenstore, and where it takes one, a ring: against our backend a
# frontend, against our frontend a backend. See handshake.py for the cases.
# timeout: 240
# tier: short, deep
# Would fail (not tried) when, for example, in common/state.c
# - back[XPV_PUBLISHED] does not connect at Connected (mini-os)
# - back[XPV_CLOSED] does not RESET at Initialising (pv-grub's hand-over)
# - front[XPV_INIT] does not PUBLISH at Connected (a backend that skips InitWait)
# - back[XPV_LIVE] stays at Initialising (kexec): the old ring stays mapped
# or when device_work() has no MAX_STEPS and a peer flips its state for ever.
. "$(dirname "$0")/lib.sh"

need pair_use
need disk_create d1 size=8
need disk_create d2 size=8
printf 'xenpv' >"$(disk_dev d1)"
sync

tap_from without_udev timeout "$(seconds 200)" python3 "$HERE/handshake.py" "$(disk_dev d1)" "$(disk_dev d2)"

is "no thread of a fake frontend is left" "$(threads_left)" 0
check "another disk works" disk_attach 0 d2 xvdy
check "with I/O" bash -c "$(fio_job /dev/xvdy 2)"
check "and goes" disk_detach 0 xvdy

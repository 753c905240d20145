#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk in use that the toolstack wants gone stays, and stays of use when its backend's
# driver is bound anew.
# timeout: 120
# Would fail (not tried; the unit test handshake does): front[XPV_CLOSING] that stays at
# InitWait, back[XPV_PUBLISHED] that goes on to Closing at once (both ends at Closing).
. "$(dirname "$0")/lib.sh"

front_is() { [ "$(front_state 0 xvdb)" = "$1" ]; }
read_one() { timeout "$(seconds 20)" dd if=/dev/xvdb of=/dev/null bs=4k count=1 skip="$1" iflag=direct status=none; }

need pair_use
need disk_create d1 size=16
need disk_attach 0 d1 xvdb
need udevadm settle
dev=$(back_dev 0 xvdb)
back=$(disk_backend 0 xvdb)
exec 5</dev/xvdb

for round in 1 2; do
	# As xl block-detach does.
	xenstore-write "$back/online" 0 "$back/state" 5
	check "$round: the disk is in use" wait_until 10 states_are 0 xvdb 5 5
	check "$round: and of use" read_one $round
	check "$round: the backend is unbound" bash -c "echo $dev >$BACK_DRIVER/unbind"
	check "$round: and bound" bash -c "echo $dev >$BACK_DRIVER/bind"
	check "$round: the two are connected" wait_until 20 states_are 0 xvdb 4 4
	check "$round: the disk is of use" read_one $((round + 100))
done

# A frontend that only closes is not waited for: the backend follows in time.
exec 5<&-
check "closed, the disk goes" disk_detach 0 xvdb

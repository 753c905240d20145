#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest whose backend comes back while the guest has no room in xenstore for the keys
# of its rings: its I/O waits, it says so and tries again, and goes on when there is room.
# timeout: 200
# Would fail (not tried): a frontend that gives up when it cannot publish (the writer gets an
# error, the disk never comes back).
. "$(dirname "$0")/lib.sh"

NODES=1100	# more than the 1000 that xenstored lets a guest have
fill() {
	local i
	local -a pairs=()
	for ((i = 0; i < NODES; i++)); do pairs+=("$data/fill/$i" x); done
	xenstore-write "${pairs[@]}"
}
front_is() { [ "$(front_state g1 xvdb)" = "$1" ]; }
# By its console: an answer of the guest's agent is nodes as well.
said() { guest_console g1 | grep -q "$1"; }
lines() { guest_console g1 | grep -c 'next try in'; }

need backend_use blkback ours
need frontend_use 0 blkfront none
need disk_create d1 size=16
need guest_create g1 type=pv frontnet=none
need disk_attach g1 d1 xvdb
dev=$(back_dev g1 xvdb)
front=$(disk_frontend g1 xvdb)
data=/local/domain/$(guest_domid g1)/data
need io_start /dev/xvdb g1
check "I/O in the guest" io_moves /dev/xvdb g1

need bash -c "echo $dev >$BACK_DRIVER/unbind"
xenstore-write "$(disk_backend g1 xvdb)/state" 1
need wait_until 20 front_is 1
for key in $(xenstore-list "$front" | grep -E '^(ring-ref|ring-page-order|event-channel|queue-|multi-queue)'); do
	xenstore-rm "$front/$key"
done
need fill
need bash -c "echo $dev >$BACK_DRIVER/bind"
check "the guest says that it has no room" wait_until 20 said 'next try in'
is "its disk waits" "$(front_state g1 xvdb)" 1
check "and tries again" wait_until 20 said 'next try in 4 s'
n=$(lines)
check "with a line each time: $n" test "$n" -ge 3 -a "$n" -le 5
check "no I/O has failed" eval '! said "I/O error"'
xenstore-rm "$data/fill"
check "with room it is connected" wait_until 40 states_are g1 xvdb 4 4
check "I/O goes on" io_moves /dev/xvdb g1
check "all of it right" io_end g1
check "the disk goes" disk_detach g1 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Interfaces have their names in the order of their devices' numbers, whichever
# backend comes first; the backends are keys in xenstore and nothing else.
# timeout: 60
# Fails when netfront registers each interface as its own backend comes: the names
# of a guest with two network cards are a race then.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONT=/local/domain/0/device/vif
FAKE=/local/domain/0/fake
BACK=$FAKE/backend/vif/0
INITIALISING=1 INITWAIT=2

# device NUMBER STATE: with a backend in that state
device() {
	at_exit remove "$1"
	xenstore-write "$BACK/$1/frontend" "$FRONT/$1" "$BACK/$1/frontend-id" 0 \
		"$BACK/$1/feature-rx-copy" 1 "$BACK/$1/state" "$2" \
		"$FRONT/$1/backend" "$BACK/$1" "$FRONT/$1/backend-id" 0 "$FRONT/$1/handle" "$1" \
		"$FRONT/$1/mac" "00:16:3e:00:00:$1" "$FRONT/$1/state" $INITIALISING &&
		wait_until 10 test -e "/sys/bus/xen/devices/vif-$1/driver"
}
remove() {
	xenstore-rm "$FRONT/$1"
	xenstore-rm "$BACK/$1"
	wait_until 10 test ! -e "/sys/bus/xen/devices/vif-$1"
}
published() { [ "$(xenstore-read "$FRONT/$1/state")" = 4 ]; }
# carriers: those of the three
carriers() {
	local number
	for number in 21 22 23; do
		ip link set "$(front_name $number)" up
		cat "/sys/class/net/$(front_name $number)/carrier"
	done | paste -sd ' '
}
names() { echo "$(front_name 21) $(front_name 22) $(front_name 23)"; }
in_order() {
	names
	[ "$(names | tr ' ' '\n' | sort -V | paste -sd ' ')" = "$(names)" ]
}

need_built netfront
need frontend_use 0 netfront ours
at_exit xenstore-rm $FAKE
need device 23 $INITIALISING
need device 21 $INITIALISING
need device 22 $INITWAIT
check "the backend of 22 is first" wait_until 10 published 22
check "that of 21 follows" xenstore-write $BACK/21/state $INITWAIT
check "it is connected" wait_until 10 published 21
check "that of 23 is last" xenstore-write $BACK/23/state $INITWAIT
check "it is connected" wait_until 10 published 23
is "all have a carrier" "$(carriers)" "1 1 1"
check "their names are in the order of their numbers" in_order
is "and so are their addresses" "$(cat "/sys/class/net/$(front_name 21)/address" \
	"/sys/class/net/$(front_name 23)/address" | paste -sd ' ')" "00:16:3e:00:00:21 00:16:3e:00:00:23"

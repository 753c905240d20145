#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend: attached and detached many times with nothing left
# behind, and a backend that goes and comes back under traffic.
# timeout: 240
# Fails when, for example
# - either driver keeps a grant, an event channel or a page of a detached pair
# - netfront's device is made anew, or not made live, with its new backend
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

ROUNDS=30
BACK_DRIVER=/sys/bus/xen-backend/drivers/vif
SPEC="mac=$PEER_MAC script=/bin/true"

# The frontend's interface, wherever it is named.
front_name() { basename "$(echo /sys/bus/xen/devices/vif-0/net/*)"; }
in_peer() { ip netns exec peer "$@"; }

rounds() {
	local i
	for ((i = 0; i < ROUNDS; i++)); do
		# shellcheck disable=SC2086 # several words
		if ! net_attach 0 $SPEC || ! net_detach 0 0; then
			echo "round $i"
			return 1
		fi
	done
}

# The two ends of the pair in network name spaces of their own.
back_up() {
	ip addr add $DOM0_4/24 dev vif0.0 && ip link set vif0.0 up
}
front_up() {
	ip netns add peer && at_exit ip netns del peer && ip link set "$1" netns peer &&
		in_peer ip addr add $PEER_4/24 dev "$1" && in_peer ip link set "$1" up
}
rebind() {
	echo vif-0-0 >$BACK_DRIVER/unbind && sleep 0.5 && echo vif-0-0 >$BACK_DRIVER/bind &&
		wait_until 10 back_up && net_wait 0 0
}

pair_setup own
check "attached and detached $ROUNDS times" rounds
is "no interface of dom0's own is left" "$(xenstore-list /local/domain/0/device/vif)" ""

# shellcheck disable=SC2086 # several words
need net_attach 0 $SPEC
front=$(front_name)
need front_up "$front"
need back_up
need data_create 4
check "a ping" ping -q -c 2 -i 0.2 -W 5 $PEER_4
before=$(in_peer ip -o addr show dev "$front" scope global)

dom0_job rx "$(receive 4 5001)"
dom0_job tx "ip netns exec peer bash -c '$(send $DOM0_4 5001 8)'"
sleep 1
check "the backend is bound again under it" rebind
is "the frontend keeps its address" "$(in_peer ip -o addr show dev "$front" scope global)" "$before"
sent=$(dom0_wait tx) || not_ok "the sender" "$sent"
is "the stream arrives as sent" "$(dom0_wait rx)" "$sent"
check "a ping after that" ping -q -c 2 -i 0.2 -W 5 $PEER_4
check "detached" net_detach 0 0

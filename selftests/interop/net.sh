#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All four pairings of our and the kernel's network drivers, dom0 being both ends:
# TCP both ways over both families with the data compared, datagrams of several
# slots, and TCP from a frontend without offloads to one with.
# timeout: 240
# leaks memory: the kernel's own frontend, 2.4 MB each time that it goes
# Would fail (not tried) when, for example, either of ours sets a checksum flag or writes an
# extra-info that only its own counterpart understands.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/../net/pair.sh"

set_mtu() { ip link set vif0.0 mtu "$1" && in_peer ip link set "$own_front" mtu "$1"; }

# pairing FRONT BACK
pairing() {
	local name="$1 front, $2 back" sizes
	read -ra sizes <<<"$(slot_sizes 65507 16384)"
	need backend_use netback "$2"
	need frontend_use 0 netfront "$1"
	need own_attach
	check "$name: pings" reaches
	check "$name: TCP over IPv4" own_tcp 4
	check "$name: TCP over IPv6" own_tcp 6
	check "$name: MTU 9000" set_mtu 9000
	check "$name: ICMP echoes" echoes icmp $PEER_4 "${sizes[@]}"
	check "$name: ICMPv6 echoes" echoes icmp $PEER_6 "${sizes[@]}"
	# without scatter-gather the kernel's own frontend takes no more
	need set_mtu 1500
	check "$name: offloads off in front" in_peer ethtool -K "$own_front" tso off tx off sg off
	check "$name: TCP over IPv4 then" own_tcp 4
	check "$name: offloads off at the back" ethtool -K vif0.0 tso off tx off sg off
	check "$name: TCP over IPv6 then" own_tcp 6
	check "$name: detached" net_detach 0 0
	wait_until 10 frontend_use 0 netfront none
	backend_use netback none
}

need_built netfront netback
need data_create 2
for front in ours intree; do
	for back in ours intree; do
		pairing $front $back
	done
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All four pairings of our and the kernel's network drivers: TCP both ways over
# both families with the data compared, datagrams of several slots.
# timeout: 300
# Fails when, for example, either of ours sets a checksum flag or writes an
# extra-info that only its own counterpart understands.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/../net/pair.sh"

# pairing FRONT BACK
pairing() {
	local name="$1 front, $2 back" sizes
	read -ra sizes <<<"$(slot_sizes 65507 16384)"
	backend_use netback "$2" || bail "netback $2"
	guest_create g1 type=pvh mem=256 frontblk=none frontnet="$1" vif="$GUEST_VIF" ||
		bail "no guest"
	check "$name: connected" net_wait g1 0 || return 1
	guest_net g1 || bail "addresses"
	check "$name: TCP over IPv4" tcp_both_ways g1 4
	check "$name: TCP over IPv6" tcp_both_ways g1 6
	check "$name: MTU 9000" mtu_set g1 0 9000
	check "$name: ICMP echoes" echoes icmp $PEER_4 "${sizes[@]}"
	check "$name: ICMPv6 echoes" echoes icmp $PEER_6 "${sizes[@]}"
	ip link set $BRIDGE mtu 1500
	check "$name: detach" net_detach g1 0
	guest_destroy g1 || bail "guest"
}

need_built netfront netback
need bridge_create
need data_create 4
for front in ours intree; do
	for back in ours intree; do
		pairing $front $back
	done
done

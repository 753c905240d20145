#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest and dom0 over Xen's stock bridge script: datagrams of all sizes that
# matter, TCP both ways with the data compared, both families, three MTUs, and
# every offload switched off and on under traffic.
# timeout: 240
# two processors
# Would fail (not tried) when, for example
# - netfront's or netback's split of a packet is off by one slot: echoes
# - a checksum is neither blank nor right: TCP stands still
# - netback takes wrong offsets of fragments: the sha256
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

OFFLOADS="tx sg tso gso gro rx"

# toggle SIDE: each offload off and on again, under traffic.
toggle_guest() {
	guest_run g1 "for o in $OFFLOADS; do
		ethtool -K eth0 \$o off && sleep 0.3 && ethtool -K eth0 \$o on || echo \$o
	done" 2>&1 | grep -v '^Actual\|^tx-\|^rx-\|^generic-\|^scatter\|^tcp-'
	return 0
}
toggle_dom0() {
	local offload vif
	vif=$(net_vif g1 0)
	# rx is fixed there, as with the kernel's own backend.
	for offload in ${OFFLOADS% rx}; do
		ethtool -K "$vif" "$offload" off && sleep 0.3 && ethtool -K "$vif" "$offload" on
	done
}

# both_families MTU
both_families() {
	local family
	for family in 4 6; do
		check "MTU $1: TCP over IPv$family both ways" tcp_both_ways g1 $family
	done
}

# A packet's slots are the same for UDP as for ICMP: fewer sizes will do.
UDP_SIZES="0 1 17 18 1472 1473 4054 4055 32725 65507"

# datagrams MTU
datagrams() {
	local sizes
	read -ra sizes <<<"$(slot_sizes 65507)"
	check "MTU $1: ICMP echoes of ${#sizes[@]} sizes" echoes icmp $PEER_4 "${sizes[@]}"
	check "MTU $1: ICMPv6 echoes" echoes icmp $PEER_6 "${sizes[@]}"
	read -ra sizes <<<"$UDP_SIZES"
	check "MTU $1: UDP over IPv4" echoes udp $PEER_4 7004 "${sizes[@]}"
	check "MTU $1: UDP over IPv6" echoes udp $PEER_6 7006 "${sizes[@]}"
}

pair_setup guest
need bridge_create
need data_create 4
need guest_create g1 vcpus=2 frontblk=none frontnet="$FRONT" vif="$GUEST_VIF"
need net_wait g1 0
need guest_net g1
need echo_server g1
check "a ping from the guest" guest_run g1 "ping -q -c 2 -i 0.2 -W 5 $DOM0_4"

for mtu in 1500 9000 65517; do
	check "MTU $mtu" mtu_set g1 0 $mtu
	datagrams $mtu
	both_families $mtu
done
need mtu_set g1 0 1500

need streams_start g1 4 8
check "offloads of the guest's end under traffic" toggle_guest
check "TCP over IPv4 is right" streams_end g1
need streams_start g1 6 8
check "offloads of dom0's end under traffic" toggle_dom0
check "TCP over IPv6 is right" streams_end g1

if [ "$FRONT" = ours ]; then
	is "no errors in the guest" "$(front_ethtool g1 '[tr]x_queue_[0-9]*_errors')" 0
fi
check "the guest goes" guest_destroy g1

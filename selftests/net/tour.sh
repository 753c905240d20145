#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A PVH guest and a second frontend, dom0's own, on Xen's stock bridge: datagrams of sizes
# that matter, TCP both ways, offloads switched off and on, from one frontend to the other.
# The deep tier: net/tcp, net/bridge, which has Open vSwitch too.
# timeout: 240
# tier: short
# Would fail (not tried) with what those name in their heads.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

SECOND=10.99.0.3 SECOND_MAC=00:16:3e:00:00:03
# Around what fills one slot, two, and all of them.
SIZES="0 1473 4054 4055 65507"

front() { xenstore-read "$(net_frontend g1 0)/$1"; }
back() { xenstore-read "$(net_backend g1 0)/$1"; }
toggle_guest() {
	guest_run g1 "for o in tx sg tso; do
		ethtool -K eth0 \$o off && ethtool -K eth0 \$o on || echo \$o
	done" 2>&1 | grep -v '^Actual\|^tx-\|^rx-\|^generic-\|^scatter\|^tcp-'
	return 0
}
toggle_dom0() {
	local offload vif
	vif=$(net_vif g1 0)
	for offload in tx sg tso; do
		ethtool -K "$vif" $offload off && ethtool -K "$vif" $offload on
	done
}
# datagrams MTU
datagrams() {
	local sizes
	read -ra sizes <<<"$SIZES"
	check "MTU $1" mtu_set g1 0 "$1"
	check "MTU $1: ICMP echoes of ${#sizes[@]} sizes" echoes icmp $PEER_4 "${sizes[@]}"
	check "MTU $1: UDP over IPv6" echoes udp $PEER_6 7006 "${sizes[@]}"
}
# second_attach BRIDGE SCRIPT: the second frontend.
second_attach() {
	net_attach 0 mac=$SECOND_MAC bridge="$1" script="$2" || return 1
	own_front=$(front_name 0)
	[ -e /run/netns/peer ] || ip netns add peer
	ip link set "$own_front" netns peer && in_peer ip link set "$own_front" up &&
		in_peer ip addr add $SECOND/24 dev "$own_front"
}
# stream: from the guest to the second frontend.
stream() {
	local sent got
	dom0_job rx "ip netns exec peer bash -c '$(receive 4 5001)'"
	guest_start_bg g1 tx "$(send $SECOND 5001 0)"
	sent=$(guest_wait_bg g1 tx) && got=$(dom0_wait rx)
	echo "$sent, arrived: $got"
	[ ${#sent} = 64 ] && [ "$sent" = "$got" ]
}
pings() { guest_run g1 "ping -q -c 2 -i 0.2 -W 5 -s 4000 $1"; }

pair_setup guest
need frontend_use 0 netfront "$FRONT"
at_exit 'ip netns del peer 2>/dev/null'
need bridge_create
need data_create 1
need guest_create g1 type=pvh mem=384 frontblk=none frontnet="$FRONT" vif="$GUEST_VIF"
need net_wait g1 0
need guest_net g1
need echo_server g1
is "the frontend copies and is notified" "$(front request-rx-copy) $(front feature-rx-notify)" "1 1"
is "the backend copies and does not flip" "$(back feature-rx-copy) $(back feature-rx-flip)" "1 0"
is "scatter-gather, segments, checksums of the frontend" \
	"$(front feature-sg) $(front feature-gso-tcpv4) $(front feature-gso-tcpv6) $(front feature-ipv6-csum-offload) $(front feature-no-csum-offload)" \
	"1 1 1 1 0"
is "and of the backend" "$(back feature-sg) $(back feature-gso-tcpv4) $(back feature-gso-tcpv6) $(back feature-ipv6-csum-offload)" \
	"1 1 1 1"
check "a ping from the guest" pings $DOM0_4
datagrams 1500
datagrams 65517
check "MTU 65517: TCP over IPv4 both ways" tcp_both_ways g1 4
need mtu_set g1 0 1500
need streams_start g1 6 on
check "offloads of the guest's end under traffic" toggle_guest
check "offloads of dom0's end under traffic" toggle_dom0
need streams_stop g1
check "TCP over IPv6 is right" streams_end g1
is "no errors in the guest" "$(front_ethtool g1 '[tr]x_queue_[0-9]*_errors')" 0

check "a second frontend on the bridge" second_attach $BRIDGE vif-bridge
check "a ping from frontend to frontend" pings $SECOND
check "TCP from frontend to frontend" stream
check "the second goes" net_detach 0 0
check "the guest goes" guest_destroy g1

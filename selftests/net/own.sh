#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend, with a script that reports nothing: all that users
# know the drivers by, numbers of queues, link down and up, VLAN, multicast.
# timeout: 120
# Would fail (not tried) when, for example
# - netfront waits for a Connected that such a script never brings about
# - ethtool -L does not start the handshake over, or loses the addresses
# - mcast.c lets through what nobody asked for, or nothing
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0

attach() { net_attach 0 mac=$PEER_MAC script=/bin/true nowait && wait_until 20 attached; }
attached() { [ -e "/sys/class/net/$(front_name 0)" ] && [ -e /sys/class/net/vif0.0 ]; }
carrier() { [ "$(in_peer cat "/sys/class/net/$own_front/carrier")$(cat /sys/class/net/vif0.0/carrier)" = "$1" ]; }
threads() { pgrep -c '^vif0\.0-q[0-9]-guest-r'; }
interrupts() { awk '{ print $NF }' /proc/interrupts | grep -cE "^vif0$1-q[0-9]+-[tr]x\$"; }
queues() { in_peer ethtool -l "$own_front" | awk '/^Combined/ { n = $2 } END { print n }'; }
# set_queues NUMBER
set_queues() {
	in_peer ethtool -L "$own_front" combined "$1" && wait_until 20 has_queues "$1" &&
		wait_until 10 carrier 11
}
has_queues() { [ "$(xenstore-read $FRONTEND/multi-queue-num-queues)" = "$1" ] && [ "$(threads)" = "$1" ]; }

pair_setup own
need attach
need own_addresses
need data_create 2
check "both have a carrier" wait_until 10 carrier 11
check "pings get through" reaches
check "TCP both ways" own_tcp 4

is "its name for ethtool -i" "$(in_peer ethtool -i "$own_front" | head -n 1)" "driver: vif"
is "the vif's address" "$(cat /sys/class/net/vif0.0/address)" fe:ff:ff:ff:ff:ff
is "old attributes" "$(in_peer cat "/sys/class/net/$own_front/"rxbuf_{min,cur,max} | paste -sd ' ')" "256 256 256"
check "names in ethtool -S" bash -c "ethtool -S vif0.0 | grep -q tx_zerocopy_sent &&
	ip netns exec peer ethtool -S $own_front | grep -q rx_gso_checksum_fixup"
check "io_ring_q0" grep -q 'RX: nr_ents 256' /sys/kernel/debug/xen-netback/vif0.0/io_ring_q0

for number in 1 2; do
	check "ethtool -L combined $number" set_queues $number
	is "$number queues" "$(queues)" $number
	is "with two interrupts each, in front" "$(interrupts '')" $((2 * number))
	is "and at the back" "$(interrupts '\.0')" $((2 * number))
	check "pings get through" reaches
	check "TCP over IPv6 both ways" own_tcp 6
done

check "the frontend down and up" in_peer bash -c "ip link set $own_front down && sleep 0.3 && ip link set $own_front up"
check "pings get through" reaches
check "the vif down and up" bash -c "ip link set vif0.0 down && sleep 0.3 && ip link set vif0.0 up"
check "pings get through again" reaches

vlan() {
	ip link add link vif0.0 name vlan5 type vlan id 5 && ip addr add 10.98.0.1/24 dev vlan5 &&
		ip link set vlan5 up && in_peer ip link add link "$own_front" name vlan5 type vlan id 5 &&
		in_peer ip addr add 10.98.0.2/24 dev vlan5 && in_peer ip link set vlan5 up
}
check "VLAN" vlan
check "pings of all sizes" echoes icmp 10.98.0.2 0 64 1472 1473 4054 9000
vlan_tcp() { DOM0_4=10.98.0.1 PEER_4=10.98.0.2 own_tcp 4; }
check "TCP both ways by VLAN" vlan_tcp

# answers: whether the frontend's end answers to a multicast ping
answers() { ping -q -c 1 -W 2 -I vif0.0 -t 1 224.0.0.1 | grep -q ' 1 received'; }
silent() { ! answers; }
in_peer sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
check "multicast arrives" wait_until 5 answers
check "a filter" bash -c "xenstore-write $FRONTEND/request-multicast-control 1 && sleep 0.5"
check "keeps it away" silent
check "but no unicast" reaches
check "no filter" bash -c "xenstore-write $FRONTEND/request-multicast-control 0"
check "multicast arrives again" wait_until 5 answers
check "detached" net_detach 0 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend, with a script that reports nothing: all that users
# know the drivers by, numbers of queues, link down and up, VLAN, multicast.
# timeout: 180
# tier: short, deep
# Would fail (not tried) when, for example
# - netfront waits for a Connected that such a script never brings about
# - ethtool -L does not start the handshake over, or loses the addresses
# - mcast.c lets through what nobody asked for, or nothing
# - netfront does not copy for a backend that it does not trust
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0
STATE=/sys/kernel/debug/xenpv/xen-netfront/vif-0/state
SPLIT=/sys/module/xen_netback/parameters/separate_tx_rx_irq
TRUSTED=/sys/module/xen_netfront/parameters/trusted

attach() { net_attach 0 mac=$PEER_MAC script=/bin/true nowait && wait_until 20 attached; }
attached() { [ -e "/sys/class/net/$(front_name 0)" ] && [ -e /sys/class/net/vif0.0 ]; }
carrier() { [ "$(in_peer cat "/sys/class/net/$own_front/carrier")$(cat /sys/class/net/vif0.0/carrier)" = "$1" ]; }
threads() { pgrep -c '^vif0\.0-q[0-9]-guest-r'; }
interrupts() { awk '{ print $NF }' /proc/interrupts | grep -cE "^vif0$1-q[0-9]+-[tr]x\$"; }
one_interrupt() { awk '{ print $NF }' /proc/interrupts | grep -cE "^vif0$1-q[0-9]+\$"; }
queues() { in_peer ethtool -l "$own_front" | awk '/^Combined/ { n = $2 } END { print n }'; }
# set_queues NUMBER
set_queues() {
	in_peer ethtool -L "$own_front" combined "$1" && wait_until 20 has_queues "$1" &&
		wait_until 10 carrier 11
}
has_queues() { [ "$(xenstore-read $FRONTEND/multi-queue-num-queues)" = "$1" ] && [ "$(threads)" = "$1" ]; }

if deep; then
	pair_setup own
else
	need_built netback netfront
	need backend_use netback ours rx_drain_timeout_msecs=1000 rx_stall_timeout_msecs=2500 \
		hash_cache_size=7
	need frontend_use 0 netfront ours
fi
need attach
need own_addresses
need data_create "$(by_tier 2 1)"
check "both have a carrier" wait_until 10 carrier 11
check "pings get through" reaches
check "TCP both ways" own_tcp 4

is "its name for ethtool -i" "$(in_peer ethtool -i "$own_front" | head -n 1)" "driver: vif"
is "the vif's address" "$(cat /sys/class/net/vif0.0/address)" fe:ff:ff:ff:ff:ff
is "old attributes" "$(in_peer cat "/sys/class/net/$own_front/"rxbuf_{min,cur,max} | paste -sd ' ')" "256 256 256"
check "names in ethtool -S" bash -c "ethtool -S vif0.0 | grep -q tx_zerocopy_sent &&
	ip netns exec peer ethtool -S $own_front | grep -q rx_gso_checksum_fixup"
check "ethtool -g: rings" bash -c "ethtool -g vif0.0 | grep -q '^RX:.*256' &&
	ip netns exec peer ethtool -g $own_front | grep -q '^TX:.*256'"
check "ethtool -T" bash -c "ip netns exec peer ethtool -T $own_front | grep -q software-receive"
check "io_ring_q0" grep -q 'RX: nr_ents 256' /sys/kernel/debug/xen-netback/vif0.0/io_ring_q0

for number in 1 2; do
	check "ethtool -L combined $number" set_queues $number
	is "$number queues" "$(queues)" $number
	is "with two interrupts each, in front" "$(interrupts '')" $((2 * number))
	is "and at the back" "$(interrupts '\.0')" $((2 * number))
	check "pings get through" reaches
	if deep || [ $number = 2 ]; then
		check "TCP over IPv6 both ways" own_tcp 6
	fi
done

# What is set for the module counts from the next connection on.
echo N >$SPLIT
echo N >$TRUSTED
check "ethtool -L combined 1" set_queues 1
is "separate_tx_rx_irq=0: one interrupt in front, one at the back" \
	"$(one_interrupt '') $(one_interrupt '\.0')" "1 1"
is "trusted=0: the backend is not trusted" "$(sed -n 's/^backend trusted: //p' $STATE)" 0
before=$(in_peer ethtool -S "$own_front" | stat_sum 'tx_queue_[0-9]*_copies')
check "trusted=0: pings get through" reaches
check "trusted=0: packets are copied" test \
	"$(in_peer ethtool -S "$own_front" | stat_sum 'tx_queue_[0-9]*_copies')" -gt "$before"
echo Y >$SPLIT
echo Y >$TRUSTED
check "ethtool -L combined 2" set_queues 2
is "as before: two interrupts each" "$(interrupts '') $(interrupts '\.0')" "4 4"

check "the frontend down and up" in_peer bash -c "ip link set $own_front down && sleep 0.3 && ip link set $own_front up"
check "pings get through" reaches
in_peer ip -6 addr replace $PEER_6/64 dev "$own_front" nodad # gone with the link
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
if deep; then
	check "TCP both ways by VLAN" vlan_tcp
fi

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

ip -6 addr replace $DOM0_6/64 dev vif0.0 nodad
# What has a test of its own in the deep tier.
hashes() {
	is "hash_cache_size is taken" "$(cat /sys/module/xen_netback/parameters/hash_cache_size)" 7
	check "a key and a table" front -X hkey "$KEY" equal 2
	is "hashing is on" "$(hashing)" on
	check "the key is read back" has_key
	is "the table's queues" "$(table)" "0 1"
	check "debugfs of the backend shows it" grep -q TOEPLITZ /sys/kernel/debug/xen-netback/vif0.0/ctrl
	check "flows land where key and table say" flows 2
	check "without ports" front -N rx-flow-hash tcp4 sd
	check "flows over IPv4 land in one queue" flows 2
	check "TCP over IPv4 both ways" own_tcp 4
}
rates() {
	local got
	need xenstore-write /local/domain/0/backend/vif/0/0/rate 50000,50000
	got=$(rate_of 2 1)
	check "rate: 8 Mbit/s: $got" within "$got" 8 25
	check "rate: packets that waited are counted" test "$(back_ethtool 0 0 'q[0-9]*_rx_limited')" -gt 0
	need xenstore-rm /local/domain/0/backend/vif/0/0/rate
}
stalls() {
	need in_peer ip link set "$own_front" down
	check "a guest that does not read: much more than fits is sent" flood
	check "what waits is bounded" bounded
	check "what waited too long is thrown away" wait_until 10 thrown
	check "then the guest counts as stalled" wait_until 10 stalled
	is "without a carrier" "$(cat /sys/class/net/vif0.0/carrier)" 0
	need in_peer ip link set "$own_front" up
	check "it reads again" wait_until 10 ready
	check "and has a carrier" wait_until 10 carrier 11
	check "pings get through to it" reaches
}
if ! deep; then
	hashes
	rates
	stalls
fi

# The module goes and comes, under traffic.
traffic() {
	local before
	before=$(cat /sys/class/net/vif0.0/statistics/rx_bytes)
	sleep 0.3
	[ "$(cat /sys/class/net/vif0.0/statistics/rx_bytes)" -gt $((before + 10000)) ]
}
own_start 4 600
check "traffic" wait_until 10 traffic
check "the frontend is unloaded" bash -c "echo vif-0 >/sys/bus/xen/drivers/vif/unbind && rmmod xen_netfront"
pkill socat
check "and loaded" insmod "$MODULES_DIR"/xen-netfront.ko
need wait_until 10 test -e /sys/bus/xen/devices/vif-0/net
own_front=$(front_name 0)
need bash -c "ip link set $own_front netns peer && ip -n peer link set $own_front up &&
	ip -n peer addr add $PEER_4/24 dev $own_front"
check "both have a carrier again" wait_until 10 carrier 11
check "pings get through with the new one" wait_until 10 reaches 1
check "detached" net_detach 0 0

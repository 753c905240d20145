#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# XDP programs on the frontend, dom0 being both ends: each verdict, with frames
# compared byte by byte and the counters; TCP through a program; programs that
# come and go under traffic; frames sent on to a second interface; the MTU's
# bound; a backend without headroom; the kernel's own backend and frontend.
# timeout: 300
# tier: short, deep
# leaks memory: the kernel's own frontend, 2.4 MB each time that it goes
# Would fail when, for example
# - netback includes the headroom in the length, or forgets to count the slot of
#   the extra-info
# - netfront looks for the data where there is no headroom, or takes the kernel's
#   own backend at its word about lengths: frames arrive longer than sent
# - common/state.c has no answer to Reconfiguring: attaching to the kernel's own
#   frontend hangs
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0
PARAMETER=/sys/module/xen_netback/parameters/provides_xdp_headroom
EVENT=/sys/kernel/debug/tracing/events/xdp/xdp_exception
SECOND_MAC=00:16:3e:00:00:03
FRAME=1514 # the longest of the default MTU

carrier() { [ "$(in_peer cat "/sys/class/net/$own_front/carrier")$(cat /sys/class/net/vif0.0/carrier)" = "$1" ]; }
headroom() { [ "$(xenstore-read $FRONTEND/xdp-headroom)" = "$1" ]; }
program() { in_peer timeout 20 python3 "$NET_DIR/xdp.py" "$@"; }
carry() { python3 "$NET_DIR/xdp.py" carry vif0.0 "$@"; }
# attach PROGRAM [INTERFACE]: and waits until the backend goes by it; detach.
attach() { program attach "$own_front" "$@" && wait_until 20 settled 256; }
detach() { program detach "$own_front" && wait_until 20 settled 0; }
settled() { headroom "$1" && _net_connected 0 0 && carrier 11; }
# front_stat REGEX [INTERFACE]: the sum of the frontend's counters of that name
front_stat() { in_peer ethtool -S "${2:-$own_front}" | stat_sum "$1"; }
counted() { echo $(($(front_stat "[rt]x_queue_[0-9]*_xdp_$1") - ${counted[$1]:-0})); }
# remember COUNTER...: what they stand at now
remember() {
	local name
	for name; do
		counted[$name]=0
		counted[$name]=$(counted "$name")
	done
}
declare -A counted

fails() { ! "$@"; }
# refused WHY COMMAND...: whether it fails and says so
refused() {
	local why=$1 said
	shift
	said=$("$@" 2>&1) && return 1
	echo "$said"
	grep -q "$why" <<<"$said"
}

# verdicts NAME: what all backends have in common.
verdicts() {
	check "$1: a program that passes" attach pass
	check "$1: frames pass" carry "peer:$own_front" 60 $FRAME
	check "$1: TCP over IPv4" own_tcp 4
	if deep; then
		check "$1: TCP over IPv6" own_tcp 6
	fi
	check "$1: one that puts something in front" attach grow
	check "$1: frames grow" carry "peer:$own_front" 60 $FRAME 1
	check "$1: one that sends back" attach tx
	check "$1: frames come back" carry vif0.0 60 $FRAME
	check "$1: no program" detach
	check "$1: frames arrive" carry "peer:$own_front" 60 $FRAME
	if deep; then
		check "$1: TCP over IPv4 without it" own_tcp 4
	fi
}

ours() {
	need own_attach
	check "pings get through" reaches
	is "the backend offers headroom" "$(xenstore-read "$(net_backend 0 0)/feature-xdp-headroom")" 1
	remember packets copies tx drop redirect errors
	verdicts "our pair"
	is "as many were sent back as came" "$(counted tx)" 60
	is "none was refused" "$(counted errors)" 0
	is "checksums and segments come back" "$(xenstore-read $FRONTEND/feature-no-csum-offload \
		$FRONTEND/feature-gso-tcpv4 $FRONTEND/feature-ipv6-csum-offload | paste -sd ' ')" "0 1 1"
}

losses() {
	check "a program that drops" attach drop
	is "no segments, no blank checksums" "$(xenstore-read $FRONTEND/feature-no-csum-offload \
		$FRONTEND/feature-gso-tcpv4 $FRONTEND/feature-ipv6-csum-offload | paste -sd ' ')" "1 0 0"
	remember drop errors
	check "frames are dropped" fails carry "peer:$own_front" 8 $FRAME
	is "and counted" "$(counted drop)" 8
	if ! deep; then
		check "no program" detach
		return
	fi
	check "pings get through" reaches
	check "a program that gives up" attach aborted
	echo 1 >$EVENT/enable
	check "frames are dropped then, too" carry none 8 $FRAME
	check "and counted as errors" wait_until 5 errors_are 8
	check "and traced" grep -q "xdp_exception.*action=ABORTED" /sys/kernel/debug/tracing/trace
	echo 0 >$EVENT/enable
	echo >/sys/kernel/debug/tracing/trace
	check "a word that is none" attach unknown
	check "drops as well" carry none 8 $FRAME
	check "as an error" wait_until 5 errors_are 16
	check "the program stays with ethtool -L" bash -c "ip netns exec peer ethtool -L $own_front combined 1"
	check "and the headroom" wait_until 20 settled 256
	check "frames are dropped still" carry none 8 $FRAME
	check "as errors" wait_until 5 errors_are 24
	check "no program" detach
}
errors_are() { [ "$(counted errors)" = "$1" ]; }

sent_on() {
	check "a second interface" net_attach 0 mac=$SECOND_MAC script=/bin/true nowait
	check "is there" wait_until 20 second_there
	second=$(front_name 1)
	# where there is one of that name already
	check "and up" bash -c "ip link set $second name second netns peer && ip -n peer link set second up &&
		ip link set vif0.1 up"
	second=second
	check "has a carrier" wait_until 20 second_carrier
	check "a program that sends on to it" attach redirect "$second"
	remember redirect errors
	check "frames leave there" carry vif0.1 60 $FRAME
	is "counted where they came in" "$(counted redirect)" 60
	is "and where they left" "$(front_stat 'tx_queue_[0-9]*_xdp_xmit' "$second")" 60
	check "the second interface goes under it" net_detach 0 1
	if ! deep; then
		check "no program" detach
		return
	fi
	check "frames are lost then" carry none 8 $FRAME
	check "pings get through" reaches
	check "no program" detach
}
second_there() { [ -e "/sys/class/net/$(front_name 1)" ] && [ -e /sys/class/net/vif0.1 ]; }
second_carrier() { [ "$(in_peer cat "/sys/class/net/$second/carrier")$(cat /sys/class/net/vif0.1/carrier)" = 11 ]; }

# The bound follows from the size of a page: 3498 where MAX_SKB_FRAGS is 17.
bounds() {
	local most
	check "MTU 9000" in_peer ip link set "$own_front" mtu 9000
	check "a program is refused, and why" refused "lower the MTU" program attach "$own_front" pass
	check "nothing was asked for" headroom 0
	check "MTU 1500" in_peer ip link set "$own_front" mtu 1500
	check "the program" attach pass
	check "MTU 9000 is refused, and why" refused "mtu greater than device maximum" \
		in_peer ip link set "$own_front" mtu 9000
	most=$(in_peer ip -d -o link show "$own_front" | sed 's/.* maxmtu \([0-9]*\).*/\1/')
	check "the longest, $most, is more than 1500" [ "$most" -gt 1500 ]
	check "and can be had" bash -c "ip -n peer link set $own_front mtu $most && ip link set vif0.0 mtu $most"
	check "with frames of it" carry "peer:$own_front" 60 $((most + 14))
	check "and sent back" bash -c "ip netns exec peer python3 $NET_DIR/xdp.py attach $own_front tx"
	check "they come" carry vif0.0 60 $((most + 14))
	check "longer ones than the frontend bears" ip link set vif0.0 mtu 9000
	remember errors
	check "among others" carry none 18 9014
	check "are dropped and counted" wait_until 5 errors_are 1
	check "pings get through" reaches
	check "no program" detach
	check "MTU 1500 for both" bash -c "ip -n peer link set $own_front mtu 1500 && ip link set vif0.0 mtu 1500"
}

comes_and_goes() {
	local i
	own_start 4 10
	for i in 1 2 3; do
		check "attached under traffic, $i" attach pass
		check "replaced under traffic, $i" attach grow
		check "detached under traffic, $i" detach
	done
	check "the streams arrive as sent" own_end
}

without_headroom() {
	echo N >$PARAMETER
	need own_attach
	is "a backend that offers no headroom" "$(xenstore-read "$(net_backend 0 0)/feature-xdp-headroom")" 0
	check "a program" attach grow
	remember copies errors
	check "has it all the same" carry "peer:$own_front" 60 $FRAME 1
	check "by copying" [ "$(counted copies)" -ge 60 ]
	is "without errors" "$(counted errors)" 0
	check "detached" net_detach 0 0
	echo Y >$PARAMETER
}

asks_too_much() {
	local value
	need own_attach
	for value in 2049 4090 4096 65535 4294967296 -1 256x; do
		check "headroom of half a page" xenstore-write $FRONTEND/xdp-headroom 2048
		check "is given" wait_until 5 gives 2048
		check "headroom of $value" xenstore-write -- $FRONTEND/xdp-headroom "$value"
		check "is not" wait_until 5 gives 0
	done
	check "frames arrive" carry "peer:$own_front" 20 $FRAME
	check "half a page again" xenstore-write $FRONTEND/xdp-headroom 2048
	check "is given" wait_until 5 gives 2048
	check "and understood" carry "peer:$own_front" 20 $FRAME
	check "TCP over IPv4, of several slots behind it" own_tcp 4
	check "detached" net_detach 0 0
}
# gives HEADROOM: whether our backend does
gives() { grep -qx "headroom: $1" /sys/kernel/debug/xenpv/xen-netback/*/state; }

intree_back() {
	need backend_use netback intree
	need own_attach
	verdicts "the kernel's backend"
	check "detached" net_detach 0 0
	need backend_use netback ours
}

# With a program it loses segments, and does not say so; what a program does to a
# packet's ends is lost as well.
intree_front() {
	need wait_until 10 frontend_use 0 netfront none
	need frontend_use 0 netfront intree
	need own_attach
	need ethtool -K vif0.0 tso off gso off
	check "the kernel's frontend: a program" program attach "$own_front" pass
	check "both are Connected again" wait_until 10 _net_connected 0 0
	check "its headroom" wait_until 5 gives 256
	check "frames pass" carry "peer:$own_front" 60 $FRAME
	check "TCP over IPv4" own_tcp 4
	check "a program that drops" program attach "$own_front" drop
	check "frames are dropped" fails carry "peer:$own_front" 8 $FRAME
	check "no program" program detach "$own_front"
	check "no headroom" wait_until 5 gives 0
	check "frames arrive" carry "peer:$own_front" 60 $FRAME
	check "TCP over IPv4 without" own_tcp 4
	check "detached" net_detach 0 0
}

pair_setup own
need data_create 1
ours
losses
sent_on
if deep; then
	bounds
	comes_and_goes
fi
check "detached" net_detach 0 0
without_headroom
if deep; then
	asks_too_much
	intree_back
	intree_front
fi

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests of the network pair share: to be sourced, no test of its own.
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lab.sh"

NET_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

# BACK and FRONT choose our drivers or the kernel's; the tests are about ours.
BACK=${BACK:-ours}
FRONT=${FRONT:-ours}

# dom0's and the other end's addresses.
DOM0_4=10.99.0.1 DOM0_6=fd99::1
PEER_4=10.99.0.2 PEER_6=fd99::2
PEER_MAC=00:16:3e:00:00:02
BRIDGE=xenbr0

# pair_setup guest|own: the backend; with "own", dom0 is its own frontend too.
pair_setup() {
	[ "$BACK" != ours ] || need_built netback
	[ "$FRONT" != ours ] || need_built netfront
	need backend_use netback "$BACK"
	[ "$1" != own ] || need frontend_use 0 netfront "$FRONT"
}

# The pair that dom0 has with itself: the frontend is in name space "peer".
in_peer() { ip netns exec peer "$@"; }
# front_name DEVID: its interface, wherever it is named.
front_name() { basename "$(echo /sys/bus/xen/devices/vif-"$1"/net/*)"; }

# own_attach [KEY=VALUE...]: attaches it and gives both ends their addresses.
own_attach() { net_attach 0 mac=$PEER_MAC script=vif-plain "$@" && own_addresses; }
own_addresses() {
	own_front=$(front_name 0)
	[ -e /run/netns/peer ] || { ip netns add peer && at_exit ip netns del peer; }
	ip link set "$own_front" netns peer && in_peer ip link set "$own_front" up &&
		in_peer ip link set lo up && in_peer ip addr add $PEER_4/24 dev "$own_front" &&
		in_peer ip -6 addr add $PEER_6/64 dev "$own_front" nodad && own_back
}
own_back() {
	ip addr add $DOM0_4/24 dev vif0.0 && ip link set vif0.0 up &&
		ip -6 addr add $DOM0_6/64 dev vif0.0 nodad
}

# reaches [COUNT]: whether pings get through, and none is lost.
reaches() { ping -q -c "${1:-3}" -i 0.2 -W $((5 * TIME_FACTOR)) $PEER_4; }

# own_start FAMILY SECONDS: one stream each way, for as long; own_end: whether
# both arrived as sent.
own_start() {
	local dom0=$DOM0_4 peer=$PEER_4
	[ "$1" != 6 ] || dom0="[$DOM0_6]" peer="[$PEER_6]"
	dom0_job rx1 "ip netns exec peer bash -c '$(receive "$1" 5001)'"
	dom0_job rx2 "$(receive "$1" 5002)"
	dom0_job tx1 "$(send "$peer" 5001 "$2")"
	dom0_job tx2 "ip netns exec peer bash -c '$(send "$dom0" 5002 "$2")'"
}
own_end() {
	local to got_to from got_from bad=0
	to=$(dom0_wait tx1) || bad=1
	got_to=$(dom0_wait rx1) || bad=1
	from=$(dom0_wait tx2) || bad=1
	got_from=$(dom0_wait rx2) || bad=1
	echo "to the frontend: $to, arrived: $got_to"
	echo "from the frontend: $from, arrived: $got_from"
	[ $bad = 0 ] && [ ${#to} = 64 ] && [ "$to" = "$got_to" ] &&
		[ ${#from} = 64 ] && [ "$from" = "$got_from" ]
}
own_tcp() { own_start "$1" 0 && own_end; }

# data_create [MiB]: a file of random data for either end to send.
DATA=/tmp/net-data
data_create() { head -c "${1:-8}M" /dev/urandom >$DATA; }

# The two commands below run in either end, as text for guest_run.

# send ADDRESS PORT SECONDS: sends the data, again and again for as long (0: just
# once; on: until there is $ENOUGH), and prints the sha256 of all that. Tries to connect
# for 20 s.
ENOUGH=/tmp/enough
send() {
	local again="while [ \$SECONDS -lt $3 ]; do cat $DATA; done"
	[ "$3" != 0 ] || again=:
	# with pauses, so that others get on as well
	[ "$3" != on ] || again="while [ ! -e $ENOUGH ]; do sleep 0.5; cat $DATA; done"
	echo "SECONDS=0; { cat $DATA; $again; } | tee >(sha256sum | cut -c1-64 >/tmp/sent.$2) |" \
		"socat -u -b 65536 STDIN TCP:$1:$2,retry=$((40 * TIME_FACTOR)),interval=0.5 &&" \
		"sleep 0.2 && cat /tmp/sent.$2"
}

# receive FAMILY PORT: receives one connection and prints its sha256.
receive() {
	echo "socat -u -b 65536 TCP$1-LISTEN:$2,reuseaddr,accept-timeout=$((60 * TIME_FACTOR))" \
		"STDOUT | sha256sum | cut -c1-64"
}

# The sender and the receiver of each direction are jobs: of the guest by their
# names, of dom0 by files, since a check's subshell cannot wait for them.
dom0_job() {
	rm -f "/tmp/job.$1.status"
	(
		bash -c "$2" >"/tmp/job.$1" 2>&1
		echo $? >"/tmp/job.$1.status"
	) &
}
dom0_wait() {
	wait_until 120 test -s "/tmp/job.$1.status" && cat "/tmp/job.$1" &&
		[ "$(cat "/tmp/job.$1.status")" = 0 ]
}

# streams_start GUEST FAMILY SECONDS: one stream each way; streams_stop GUEST: it is enough
# of those that go on.
streams_stop() { touch $ENOUGH && guest_run "$1" "touch $ENOUGH"; }
streams_start() {
	local dom0=$DOM0_4 peer=$PEER_4
	[ "$2" != 6 ] || dom0="[$DOM0_6]" peer="[$PEER_6]"
	[ "$3" != on ] || { rm -f $ENOUGH && guest_run "$1" "rm -f $ENOUGH"; } || return 1
	guest_start_bg "$1" rx "$(receive "$2" 5001)" || return 1
	dom0_job rx "$(receive "$2" 5002)"
	dom0_job tx "$(send "$peer" 5001 "$3")"
	guest_start_bg "$1" tx "$(send "$dom0" 5002 "$3")"
}

# streams_end GUEST: whether both arrived as sent.
streams_end() {
	local to from got_to got_from bad=0
	to=$(dom0_wait tx) || bad=1
	got_to=$(guest_wait_bg "$1" rx) || bad=1
	from=$(guest_wait_bg "$1" tx) || bad=1
	got_from=$(dom0_wait rx) || bad=1
	echo "to the guest: $to, arrived: $got_to"
	echo "from the guest: $from, arrived: $got_from"
	[ $bad = 0 ] && [ ${#to} = 64 ] && [ ${#from} = 64 ] &&
		[ "$to" = "$got_to" ] && [ "$from" = "$got_from" ]
}

# tcp_both_ways GUEST FAMILY: the data there and other data back, at once.
tcp_both_ways() { streams_start "$1" "$2" 0 && streams_end "$1"; }

# guest_net GUEST [MTU]: addresses of a guest's only interface, and its data.
guest_net() {
	guest_run "$1" "ip link set eth0 mtu ${2:-1500} up && ip addr add $PEER_4/24 dev eth0 &&
		ip -6 addr add $PEER_6/64 dev eth0 nodad && [ -e $DATA ] ||
		head -c $(by_tier 4 1)M /dev/urandom >$DATA"
}

# The vif line of a guest on the bridge.
# shellcheck disable=SC2034 # for those that source this
GUEST_VIF=mac=$PEER_MAC,bridge=$BRIDGE,script=vif-bridge

# bridge_create: the bridge with dom0's addresses.
bridge_create() {
	net_bridge $BRIDGE $DOM0_4/24 && ip -6 addr add $DOM0_6/64 dev $BRIDGE nodad
}

# mtu_set GUEST DEVID MTU: of both ends and the bridge.
mtu_set() {
	ip link set "$(net_vif "$1" "$2")" mtu "$3" && ip link set $BRIDGE mtu "$3" &&
		guest_run "$1" "ip link set eth0 mtu $3"
}

# slot_sizes LIMIT [STEP]: payload sizes up to LIMIT around what fills a slot
# (4096) or STEP, less the headers of Ethernet, IP and UDP or ICMP.
slot_sizes() {
	local step=${2:-4096} i size
	{
		echo 0 1 17 18 19 42 64 128 255 256 1471 1472 1473
		for ((i = step; i - 43 <= $1; i += step)); do
			for size in $((i - 43)) $((i - 42)) $((i - 41)) $((i - 1)) "$i"; do
				[ $size -gt "$1" ] || echo $size
			done
		done
		echo "$1"
	} | tr ' ' '\n' | sort -nu | paste -sd ' '
}

# ICMP sockets that need no header of ours.
sysctl -qw net.ipv4.ping_group_range='0 0'

# echoes icmp ADDRESS SIZE..., echoes udp ADDRESS PORT SIZE...: whether each comes
# back as it was sent; if not, also what the kernels counted since boot or the last one.
echoes() {
	local status=0
	python3 "$NET_DIR/echo.py" "$@" || status=$?
	[ $status -eq 0 ] || echo "dom0 counted:"
	nstat | grep '^\(Icmp\|Ip\|Udp\)' >/run/xenpv/nstat
	[ $status -eq 0 ] || cat /run/xenpv/nstat
	if [ $status -ne 0 ] && [ -n "$(guest_domid g1)" ]; then
		echo "the guest counted:"
		guest_run g1 "nstat | grep '^\(Icmp\|Ip\|Udp\)'; ss -uanm"
	fi
	return $status
}

# echo_server GUEST: answers UDP on ports 7004 and 7006, one for each family; a process
# for each peer, as one for each datagram (RECVFROM) costs a fork each time.
echo_server() {
	local family
	for family in 4 6; do
		guest_start_bg "$1" echo$family "socat -T 120 -b 70000 \
			UDP$family-LISTEN:700$family,reuseaddr,fork PIPE" || return 1
	done
}

# front_ethtool GUEST REGEX, back_ethtool GUEST DEVID REGEX: sum of statistics.
stat_sum() { awk -F': *' -v n="$1" '$1 ~ "^ *" n "$" { s += $2 } END { print s + 0 }'; }
front_ethtool() { guest_run "$1" "ethtool -S eth0" | stat_sum "$2"; }
back_ethtool() { ethtool -S "$(net_vif "$1" "$2")" | stat_sum "$3"; }

# rate_of SECONDS WARM-UP: Mbit/s of two streams from the frontend to dom0.
rate_of() {
	local out
	in_peer iperf3 -s -1 -D >/dev/null 2>&1 && sleep 0.5
	out=$(iperf3 -J -c $PEER_4 -R -P 2 -O "$2" -t "$1") || { echo "$out"; return 1; }
	python3 -c 'import json, sys
print(round(json.loads(sys.argv[1])["end"]["sum_received"]["bits_per_second"] / 1e6, 2))' "$out"
}
# within GOT WANT PERCENT
within() {
	python3 -c 'import sys
got, want, off = float(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]) / 100
sys.exit(not want * (1 - off) <= got <= want * (1 + off))' "$@"
}

# What a user says of hashing in front: front OPTION..., and what becomes of it.
KEY=$(printf '%02x:' {11..49})99
front() { in_peer ethtool "$1" "$own_front" "${@:2}"; }
table() { front -x | awk '/^ *[0-9]+:/ { for (i = 2; i <= NF; i++) print $i }' | sort -un | paste -sd ' '; }
hashing() { front -x | awk '/toeplitz:/ { print $2 }'; }
has_key() { front -x | grep -q "^$KEY\$"; }
# flows QUEUES: whether they land where key and table say.
flows() { python3 "$NET_DIR/flows.py" "$own_front" $PEER_4 $PEER_6 "$1"; }

# A frontend that does not read: what waits for it at the back of the pair.
IO_RING=/sys/kernel/debug/xen-netback/vif0.0
queued() { sed -n 's/.*queued \([0-9]*\) packets, \([0-9]*\) bytes.*/\1 \2/p' $IO_RING/io_ring_q*; }
# flood: 1500 packets, of which 256 have slots and about 370 may wait.
flood() {
	# the neighbour cannot answer any more
	ip neigh replace $PEER_4 lladdr $PEER_MAC dev vif0.0 nud permanent
	python3 -c "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 32, 8 << 20)	# SO_SNDBUFFORCE
for i in range(1500):
    try: s.sendto(bytes(1400), ('$PEER_4', 9))
    except OSError: pass"
}
thrown() { [ "$(back_ethtool 0 0 'q[0-9]*_tx_expired')" -gt 100 ]; }
bounded() { queued | awk '{ if ($1 > 512 || $2 > 600000) bad = 1; print } END { exit bad }'; }
stalled() { dmesg_tail | grep -q 'vif0.0: Guest Rx stalled'; }
ready() { dmesg_tail | grep -q 'vif0.0: Guest Rx ready'; }
dmesg_tail() { dmesg | tail -n 20; }

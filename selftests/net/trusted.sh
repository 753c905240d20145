#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whether the backend is trusted: the toolstack's key of one device, read at each
# connection, and the module's parameter. One that is not sees copies only, and
# all arrives as it was sent.
# timeout: 150
# Fails when netfront reads the key otherwise than blkfront and the kernel do
# (2 is trust there), ignores either choice, or copies what it need not.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0
STATE=/sys/kernel/debug/xenpv/xen-netfront/vif-0/state
PARAMETER=/sys/module/xen_netfront/parameters/trusted

queues=2
# connect: anew, which is when the choices are read
connect() {
	queues=$((3 - queues))
	in_peer ethtool -L "$own_front" combined $queues && wait_until 20 connected
}
connected() {
	[ "$(xenstore-read $FRONTEND/multi-queue-num-queues)" = $queues ] &&
		_net_connected 0 0 && reaches 1
}
trusts() { awk '/backend trusted/ { print $3 }' $STATE; }
# front_stat REGEX: the sum of the frontend's counters of that name
front_stat() { in_peer ethtool -S "$own_front" | stat_sum "$1"; }
# copies, packets: that the frontend has sent so far
copies() { front_stat 'tx_queue_[0-9]*_copies'; }
packets() { front_stat 'tx_queue_[0-9]*_packets'; }
# shares: how many packets were copied of how many, while TCP goes both ways
shares() {
	local copies packets
	copies=$(copies) packets=$(packets)
	own_tcp 4 >/dev/null || echo "TCP failed"
	echo "$(($(copies) - copies)) $(($(packets) - packets))"
}
# key VALUE TRUSTED
key() {
	need xenstore-write $FRONTEND/trusted "$1"
	need connect
	is "trusted=\"$1\"" "$(trusts)" "$2"
}

need_built netback netfront
need backend_use netback ours max_queues=2
need frontend_use 0 netfront ours max_queues=2
need own_attach
need data_create 2
is "without the key" "$(trusts)" 1
key 0 0
read -r copied all < <(shares)
is "trusted=0: all packets were copied" "$copied" "$all"
key 1 1
key 2 1
read -r copied all < <(shares)
check "trusted=2: not all were copied" [ "$copied" -lt "$all" ]
key x 0
check "the log names the key" bash -c 'dmesg | tail -n 30 | grep -q "device/vif/0/trusted \"x\""'
key 4294967296 1
echo 0 >$PARAMETER
need connect
is "the module's parameter" "$(trusts)" 0
check "detached" net_detach 0 0

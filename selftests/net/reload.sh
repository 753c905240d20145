#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each module unloaded and loaded again under traffic; a pair that is detached
# under traffic. xenbus holds a module that drives a device: unbound first.
# timeout: 180
# Fails when, for example
# - xpv_driver_unregister() does not wait for the last device: a crash
# - front[XPV_LIVE] does not STAY at InitWait: the new backend finds no rings
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACK_DRIVER=/sys/bus/xen-backend/drivers/vif
FRONT_DRIVER=/sys/bus/xen/drivers/vif

load_start() {
	dom0_job load "ip netns exec peer iperf3 -s -1 >/dev/null & sleep 0.5
		timeout 60 iperf3 -c $PEER_4 --bidir -t 60 >/dev/null"
	sleep 1.5
}
load_end() { pkill iperf3 || :; }
traffic() {
	local before
	before=$(cat /sys/class/net/vif0.0/statistics/tx_bytes)
	sleep 0.5
	[ "$(cat /sys/class/net/vif0.0/statistics/tx_bytes)" -gt $((before + 10000)) ]
}

pair_setup own
need own_attach
need data_create 2
check "pings get through" reaches
load_start
check "traffic" wait_until 5 traffic
check "the backend is replaced" bash -c "echo vif-0-0 >$BACK_DRIVER/unbind && rmmod xen_netback &&
	insmod $MODULES_DIR/xen-netback.ko"
check "the new one takes over" wait_until 10 own_back
check "pings get through" reaches
check "traffic goes on" wait_until 20 traffic
check "the frontend is unloaded" bash -c "echo vif-0 >$FRONT_DRIVER/unbind && rmmod xen_netfront"
load_end
check "and loaded" insmod "$MODULES_DIR"/xen-netfront.ko
net_back_again() { net_wait 0 0 && [ -e "/sys/class/net/$(front_name)" ]; }
check "both are connected" wait_until 20 net_back_again
ip addr flush dev vif0.0
need own_addresses
check "pings get through" reaches
check "TCP both ways" own_tcp 4
load_start
check "traffic" wait_until 10 traffic
check "detached under it" net_detach 0 0
load_end

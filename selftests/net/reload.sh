#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each module unloaded and loaded again under traffic, streams surviving a new
# backend; a pair that is detached under traffic. xenbus holds a module that
# drives a device: unbound first.
# timeout: 180
# Would fail (not tried) when, for example
# - xpv_driver_unregister() does not wait for the last device: a crash
# - front[XPV_LIVE] does not STAY at InitWait: the new backend finds no rings
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACK_DRIVER=/sys/bus/xen-backend/drivers/vif
FRONT_DRIVER=/sys/bus/xen/drivers/vif

# dom0's addresses are a bridge's: they and the routes outlive the vif. Otherwise
# dom0 would send what is for the frontend to its default router, which resets.
own_back() { ip link set vif0.0 master $BRIDGE up; }

traffic() {
	local before
	before=$(cat /sys/class/net/vif0.0/statistics/tx_bytes)
	sleep 0.5
	[ "$(cat /sys/class/net/vif0.0/statistics/tx_bytes)" -gt $((before + 10000)) ]
}
# Streams that nobody waits for.
stop_jobs() { pkill socat && sleep 0.5; }

pair_setup own
need bridge_create
need own_attach
need data_create 2
check "pings get through" reaches
before=$(in_peer ip -o addr show dev "$own_front" scope global)
own_start 4 8
check "traffic" wait_until 10 traffic
check "the backend is replaced" bash -c "echo vif-0-0 >$BACK_DRIVER/unbind && rmmod xen_netback &&
	insmod $MODULES_DIR/xen-netback.ko"
check "the new one takes over" wait_until 10 own_back
check "the streams of before arrive as sent" own_end
is "the frontend keeps its addresses" "$(in_peer ip -o addr show dev "$own_front" scope global)" "$before"

own_start 4 600
check "traffic" wait_until 10 traffic
check "the frontend is unloaded" bash -c "echo vif-0 >$FRONT_DRIVER/unbind && rmmod xen_netfront"
stop_jobs
check "and loaded" insmod "$MODULES_DIR"/xen-netfront.ko
# The backend's state is not Connected again before the script has run again.
need wait_until 10 test -e /sys/bus/xen/devices/vif-0/net
need own_addresses
check "pings get through" reaches
check "TCP both ways" own_tcp 6
own_start 4 600
check "traffic" wait_until 10 traffic
check "detached under it" net_detach 0 0
stop_jobs

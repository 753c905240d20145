#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each module unloaded and loaded again under traffic, streams surviving a new
# backend; a pair that is detached under traffic. xenbus holds a module that
# drives a device: unbound first.
# timeout: 180
# Fails when netback_uevent() does not say that the vif is a new one, or when it
# takes hotplug-status with it: no bridge, no Connected, as before; or when the
# parameter decides what a frontend may go on with.
# Would fail (not tried) when, for example
# - xpv_driver_unregister() does not wait for the last device: a crash
# - front[XPV_LIVE] does not STAY at InitWait: the new backend finds no rings
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACK_DRIVER=/sys/bus/xen-backend/drivers/vif
FRONT_DRIVER=/sys/bus/xen/drivers/vif

# dom0's addresses are a bridge's: they and the routes outlive the vif. Otherwise
# dom0 would send what is for the frontend to its default router, which resets.
# The stock script puts it there, when it is reloaded by our udev rule.
own_back() { in_bridge; }
in_bridge() { [ -e /sys/class/net/$BRIDGE/brif/vif0.0 ]; }
queues() { pgrep -c '^vif0\.0-q[0-9]-guest-r'; }
rules_use() {
	mkdir -p /run/udev/rules.d && cp /xenpv/packaging/xenpv.rules /run/udev/rules.d/60-xenpv.rules &&
		at_exit rules_forget && udevadm control --reload
}
rules_forget() { rm -f /run/udev/rules.d/60-xenpv.rules && udevadm control --reload; }

traffic() {
	local before
	before=$(cat /sys/class/net/vif0.0/statistics/tx_bytes)
	sleep 0.5
	[ "$(cat /sys/class/net/vif0.0/statistics/tx_bytes)" -gt $((before + 10000)) ]
}
# Streams that nobody waits for.
stop_jobs() { pkill socat && sleep 0.5; }

pair_setup own
need backend_use netback ours max_queues=2
need frontend_use 0 netfront ours max_queues=2
need bridge_create
need rules_use
need own_attach script=vif-bridge bridge=$BRIDGE
need data_create 2
check "pings get through" reaches
before=$(in_peer ip -o addr show dev "$own_front" scope global)
own_start 4 8
check "traffic" wait_until 10 traffic
check "the backend is replaced" bash -c "echo vif-0-0 >$BACK_DRIVER/unbind && rmmod xen_netback &&
	insmod $MODULES_DIR/xen-netback.ko max_queues=1"
check "the new one is in the bridge by itself" wait_until 20 in_bridge
check "and connected" net_wait 0 0
is "with as many queues as before" "$(queues)" 2
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

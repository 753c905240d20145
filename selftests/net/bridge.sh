#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two guests and dom0 on a Linux bridge by Xen's stock vif-bridge, all sending to
# each other at once with the data compared; then on one of Open vSwitch, where
# the image has it.
# timeout: 240
# Would fail (not tried) when, for example
# - what one guest leaves to be done (checksum, segments) is lost on its way to
#   the next
# - hotplug-status or the vif's uevent is not what the scripts wait for
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FIRST=10.99.0.2 SECOND=10.99.0.3

# address GUEST ADDRESS
address() {
	guest_run "$1" "ip addr add $2/24 dev eth0 && ip link set eth0 up &&
		{ [ -e $DATA ] || head -c 2M /dev/urandom >$DATA; }"
}
# vif GUEST-NUMBER BRIDGE SCRIPT
vif() { echo "mac=00:16:3e:00:00:0$1,bridge=$2,script=$3"; }

# Three streams at once: first to second, second to dom0, dom0 to first.
three_streams() {
	local sent got bad=0 what
	guest_start_bg g2 rx "$(receive 4 5001)"
	dom0_job rx "$(receive 4 5002)"
	guest_start_bg g1 rx "$(receive 4 5003)"
	guest_start_bg g1 tx "$(send $SECOND 5001 0)"
	guest_start_bg g2 tx "$(send $DOM0_4 5002 0)"
	dom0_job tx "$(send $FIRST 5003 0)"
	for what in "g1 g2" "g2 dom0" "dom0 g1"; do
		sent=$(job_wait "${what% *}" tx) || bad=1
		got=$(job_wait "${what#* }" rx) || bad=1
		echo "$what: $sent, arrived: $got"
		[ ${#sent} = 64 ] && [ "$sent" = "$got" ] || bad=1
	done
	return $bad
}
job_wait() { if [ "$1" = dom0 ]; then dom0_wait "$2"; else guest_wait_bg "$1" "$2"; fi; }

pair_setup guest
need bridge_create
need data_create 2
need guest_create g1 mem=384 frontblk=none frontnet="$FRONT" vif="$(vif 2 $BRIDGE vif-bridge)"
need guest_create g2 mem=384 frontblk=none frontnet="$FRONT" vif="$(vif 3 $BRIDGE vif-bridge)"
check "the first is connected" net_wait g1 0
check "the second is" net_wait g2 0
need address g1 $FIRST
need address g2 $SECOND
check "a ping from guest to guest" guest_run g1 "ping -q -c 2 -i 0.2 -W 5 -s 4000 $SECOND"
check "three streams" three_streams

if command -v ovs-vsctl >/dev/null; then
	check "off the bridge" net_detach g1 0
	check "the second too" net_detach g2 0
	need ip addr flush dev $BRIDGE
	need net_ovs_bridge ovs0 $DOM0_4/24
	check "the first on Open vSwitch" net_attach g1 mac=00:16:3e:00:00:02 bridge=ovs0 script=vif-openvswitch
	check "the second" net_attach g2 mac=00:16:3e:00:00:03 bridge=ovs0 script=vif-openvswitch
	need address g1 $FIRST
	need address g2 $SECOND
	check "a ping from guest to guest" guest_run g1 "ping -q -c 2 -i 0.2 -W 5 -s 4000 $SECOND"
	check "three streams by Open vSwitch" three_streams
fi
check "the first goes" guest_destroy g1
check "the second goes" guest_destroy g2

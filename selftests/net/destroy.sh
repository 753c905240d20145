#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest with four queues destroyed while it sends and receives, again and again,
# while another's streams go on; what it leaves the runner finds.
# timeout: 240
# Would fail (not tried) when, for example
# - netback frees a queue while its NAPI or its thread runs: a crash
# - packets of the dead guest keep pages or grants: leaks
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

ROUNDS=${ROUNDS:-3}
SECOND=10.99.0.3

# The second guest's stream to dom0 goes on all the time.
second_start() {
	need guest_create g2 frontblk=none frontnet="$FRONT" \
		vif="mac=00:16:3e:00:00:03,bridge=$BRIDGE,script=vif-bridge"
	need net_wait g2 0
	need guest_run g2 "ip link set eth0 up && ip addr add $SECOND/24 dev eth0 &&
		head -c 2M /dev/urandom >$DATA"
}
# goes_on: data of the second guest's arrives as it was sent.
goes_on() {
	local sent got
	dom0_job second "$(receive 4 5010)"
	guest_start_bg g2 tx "$(send $DOM0_4 5010 0)"
	sent=$(guest_wait_bg g2 tx) && got=$(dom0_wait second) && [ ${#sent} = 64 ] &&
		[ "$sent" = "$got" ]
}
received() { cat "/sys/class/net/$vif/statistics/rx_bytes"; }
sent() { cat "/sys/class/net/$vif/statistics/tx_bytes"; }
traffic() { [ "$(received)" -gt 300000 ] && [ "$(sent)" -gt 300000 ]; }

need_built netback netfront
# by default no more than dom0 has processors
need backend_use netback "$BACK" max_queues=4
need bridge_create
need data_create 4
second_start
check "the second guest's data" goes_on

for ((round = 1; round <= ROUNDS; round++)); do
	need guest_create g1 vcpus=4 frontblk=none frontnet="$FRONT" vif="$GUEST_VIF"
	need net_wait g1 0
	need guest_net g1
	vif=$(net_vif g1 0)
	[ $round != 1 ] ||
		is "four queues" "$(pgrep -c "^${vif/./\\.}-q[0-9]-guest-r")" 4
	streams_start g1 $((round % 2 ? 4 : 6)) 600
	check "round $round: traffic both ways" wait_until 20 traffic
	check "round $round: destroyed" guest_destroy g1
	pkill socat
	check "round $round: its interface goes" wait_until 10 test ! -e "/sys/class/net/$vif"
	check "round $round: the second guest's data" goes_on
done
check "the second goes" guest_destroy g2

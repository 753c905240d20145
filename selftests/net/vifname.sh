#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vif with a name of the toolstack's (vifname=) on a bridge with large frames:
# Xen's stock script then writes the MTU where no frontend is, and what libxl wrote
# for the frontend, 1500, stays.
# timeout: 90
# Fails when connect.c writes no mtu for the frontend, or only where there is none.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

KEY=/local/domain/0/device/vif/0/mtu
has_mtu() { [ "$(xenstore-read $KEY)" = "$1" ]; }

pair_setup own
need net_bridge $BRIDGE
need ip link set $BRIDGE mtu 9000
# What the script writes there belongs to nobody.
at_exit xenstore-rm /local/domain/web0
check "attached" net_attach 0 mac=$PEER_MAC bridge=$BRIDGE script=vif-bridge vifname=web0
is "the vif's MTU" "$(cat /sys/class/net/web0/mtu)" 9000
check "the frontend's key" wait_until 10 has_mtu 9000
check "detached" net_detach 0 0

# One that the script has written stays.
need net_attach 0 mac=$PEER_MAC bridge=$BRIDGE script=vif-bridge
need ip link set vif0.0 mtu 4000
need xenstore-write /local/domain/0/backend/vif/0/0/hotplug-status connected
is "the key as the script wrote it" "$(sleep 1 && xenstore-read $KEY)" 9000
check "detached" net_detach 0 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest saved and restored with a TCP stream each way, which both survive;
# its interface keeps name, addresses, MTU and carrier.
# timeout: 240
# Would fail (not tried) when, for example, netfront forgets at resume
# - to make new rings or to take the new backend's path: the streams stand
# - the packets that were under way are freed, or its device is made anew
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

IMAGE=/tmp/saved
at_exit rm -f $IMAGE
# With how often the carrier came or went, which is what network managers go by.
addresses() { guest_run g1 'ip -o addr show dev eth0 scope global; cd /sys/class/net/eth0; cat mtu carrier_changes'; }

pair_setup guest
need bridge_create
need ip link set $BRIDGE mtu 1400
need data_create 4
need guest_create g1 mem=384 frontblk=none frontnet="$FRONT" vif="$GUEST_VIF"
need net_wait g1 0
need guest_net g1 1400
check "TCP both ways before" tcp_both_ways g1 4

before=$(addresses)
need streams_start g1 4 15
sleep 2
check "saved under traffic" guest_save g1 $IMAGE
check "restored" guest_restore g1 $IMAGE
check "both ends are connected" net_wait g1 0
is "addresses, MTU and carrier are those from before" "$(addresses)" "$before"
check "the streams of before arrive as sent" streams_end g1
check "TCP over IPv6 both ways after it" tcp_both_ways g1 6
check "the guest goes" guest_destroy g1

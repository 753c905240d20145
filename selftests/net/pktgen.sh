#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pktgen through the frontend, dom0 being both ends: packets that it would send
# several times at once are refused, others get through, and BQL is left at rest.
# timeout: 120
# Fails when netfront, which counts a packet's slots in its cb, lets others send
# the same packet meanwhile (IFF_TX_SKB_SHARING): pktgen waits for ever.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

PGDIR=/proc/net/pktgen
COUNT=2000
inflight() { in_peer bash -c "cat /sys/class/net/$own_front/queues/tx-*/byte_queue_limits/inflight" |
	awk '{ n += $1 } END { print n }'; }
# Of what is sent last some may stay counted: nobody waits for its answers.
at_rest() { [ "$(inflight)" -lt 100000 ]; }
# say FILE TEXT: whether pktgen takes it
say() { in_peer bash -c "echo '$2' >$PGDIR/$1"; }
configure() {
	say kpktgend_0 rem_device_all && say kpktgend_0 "add_device $own_front" &&
		say "$own_front" "count $COUNT" && say "$own_front" 'delay 0' &&
		say "$own_front" 'pkt_size 8900' && say "$own_front" "dst $DOM0_4" &&
		say "$own_front" 'dst_mac fe:ff:ff:ff:ff:ff'
}
run() { in_peer timeout $((40 * TIME_FACTOR)) bash -c "echo start >$PGDIR/pgctrl"; }
# shellcheck disable=SC2016 # awk's
sofar() { in_peer awk '/pkts-sofar/ { print $2 }' "$PGDIR/$own_front"; }
# Either is right.
refused_or_works() {
	say "$own_front" 'clone_skb 10' || { echo "refused"; return 0; }
	run && at_rest
}

pair_setup own
need own_attach
need ip link set vif0.0 mtu 9000
need in_peer ip link set "$own_front" mtu 9000
need modprobe pktgen
at_exit rmmod pktgen
need configure
check "packets sent several times at once" refused_or_works
need configure
check "pktgen ends" run
is "packets sent" "$(sofar)" $COUNT
check "BQL at rest" wait_until 10 at_rest
check "pings get through" reaches
need say kpktgend_0 rem_device_all
check "detached" net_detach 0 0

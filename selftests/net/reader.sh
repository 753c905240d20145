#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A program at the frontend's end that does not read what it has received, while
# connections come and go: the packets stay what they are, and no pool of pages is
# destroyed before them, of which the kernel complains a minute later and then each
# minute.
# timeout: 120
# Fails when netfront makes its page_pool anew with each connection.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0
TRACING=/sys/kernel/debug/tracing
PORT=7070 COUNT=64
GO=/tmp/reader-go

# In /proc/net/udp: the socket's port, and the bytes that wait in it.
# shellcheck disable=SC2016 # awk's
waiting() {
	in_peer awk -v port="$(printf '%04X' $PORT)" '$2 ~ ":" port "$" { sub(/.*:/, "", $5); print $5 }' /proc/net/udp
}
all_wait() { [ $((16#$(waiting))) -ge $((COUNT * 1400)) ]; }
bound() { [ -n "$(waiting)" ]; }
has_queues() { [ "$(xenstore-read $FRONTEND/multi-queue-num-queues)" = "$1" ] && reaches 1; }
headroom() { [ "$(xenstore-read $FRONTEND/xdp-headroom)" = "$1" ] && reaches 1; }
program() { in_peer timeout $((20 * TIME_FACTOR)) python3 "$NET_DIR/xdp.py" "$@"; }
# stalled: the pools that wait for their pages; each is looked at once a second
stalled() {
	echo >$TRACING/trace
	sleep $((3 * TIME_FACTOR))
	grep 'page_pool_release' $TRACING/trace | grep -oE 'page_pool=[^ ]* inflight=[1-9][0-9]*' | sort -u
}

need_built netback netfront
need backend_use netback ours max_queues=2
need frontend_use 0 netfront ours max_queues=2
need own_attach
at_exit rm -f $GO
dom0_job reader "ip netns exec peer python3 $NET_DIR/reader.py hold $PORT $COUNT $GO"
need wait_until 10 bound
need python3 "$NET_DIR/reader.py" send $PEER_4 $PORT $COUNT
check "packets wait for their reader" wait_until 10 all_wait
at_exit "echo 0 >$TRACING/events/page_pool/page_pool_release/enable"
need bash -c "echo 1 >$TRACING/events/page_pool/page_pool_release/enable"
need in_peer ethtool -L "$own_front" combined 1
check "one queue" wait_until 20 has_queues 1
need in_peer ethtool -L "$own_front" combined 2
check "two again" wait_until 20 has_queues 2
need program attach "$own_front" pass
check "an XDP program" wait_until 20 headroom 256
need program detach "$own_front"
check "and none" wait_until 20 headroom 0
is "pools that wait for pages" "$(stalled)" ""
: >$GO
check "the packets are as they were sent" dom0_wait reader
check "detached" net_detach 0 0
is "pools that wait for pages" "$(stalled)" ""

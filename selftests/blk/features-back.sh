#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every feature of the backend, alone and all together, with the frontend that
# is negotiated down by its parameters; data is verified each time, and the
# counters show that the feature was in use. dom0 is its own frontend.
#
# Would fail (not tried yet): max_segs of vbd.c at 0 (indirect), BLKBACK_FEATURE_PERSISTENT at 0
# (persistent), trim() left out of slept_in() (memory when idle).
# timeout: 400
FRONT=${FRONT:-intree}
. "$(dirname "$0")/pair.sh"

verify() { # BS DEPTH SIZE
	fio --name=v --filename=/dev/xvdb --rw=randwrite --bs="$1" --size="$3" \
		--ioengine=libaio --iodepth="$2" --direct=1 --randseed=5 \
		--verify=crc32c --verify_fatal=1 --minimal
}
told() { xenstore-read "$(disk_backend 0 xvdb)/$1" 2>/dev/null; }
state_line() {
	sed -n "s/^$1: //p" "/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name 0 xvdb)/state"
}
# The sum of one counter over all queues.
all_queues() {
	awk -v name="$1:" '$0 ~ "^ *" name { n += $NF } END { print n + 0 }' \
		"/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name 0 xvdb)/queues"
}
ring_pages() { sed -n 's/.*ring-ref: pages \([0-9]*\) .*/\1/p' \
	"/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name 0 xvdb)/queues" | sort -u; }
idle_memory() { [ "$(state_line 'requests allocated')" = 0 ]; }

# with DESC "BACKEND PARAMETERS" "FRONTEND PARAMETERS" CHECK...
with() {
	local desc=$1 back=$2 front=$3
	shift 3
	# shellcheck disable=SC2086
	need backend_use blkback "$BACK" $back
	# shellcheck disable=SC2086
	need frontend_use 0 blkfront "$FRONT" $front
	need disk_attach 0 d1 xvdb
	check "$desc: 4 KiB verified" verify 4k 32 2m
	check "$desc: up to 128 KiB verified" verify 512-128k 8 8m
	check "$desc: 1 MiB verified" verify 1m 4 16m
	for expected; do
		check "$desc: $expected" "$expected"
	done
	is "$desc: nothing was refused" "$(all_queues bad_entries)" 0
	is "$desc: no error" "$(all_queues errors)" 0
	check "$desc: an idle queue gives its memory back" wait_until 10 idle_memory
	check "$desc: the disk goes" disk_detach 0 xvdb
	need wait_until 20 frontend_use 0 blkfront none
	need backend_use blkback none
}

two_queues() { [ "$(state_line 'queues in use')" = "$(nproc)" ]; }
one_queue() { [ "$(state_line 'queues in use')" = 1 ]; }
sixteen_pages() { [ "$(ring_pages)" = 16 ]; }
one_page() { [ "$(ring_pages)" = 1 ]; }
indirect() { [ "$(told feature-max-indirect-segments)" = 256 ] && [ "$(all_queues slots_taken)" -gt 0 ] &&
	[ "$(cat /sys/block/xvdb/queue/max_segments)" = "${1:-256}" ]; }
descriptors_copied() { [ "$(all_queues copies)" -gt 0 ]; }
kept() { [ "$(state_line 'persistent grants mapped')" -gt 0 ] && [ "$(all_queues 'pgnt_hits')" -gt 0 ] &&
	said "using [0-9]+ queues, protocol 1 .* persistent grants$"; }
none_kept() { [ "$(state_line 'persistent grants mapped')" = 0 ] && [ "$(all_queues 'pgnt_hits')" = 0 ]; }
ten_kept() { [ "$(state_line 'persistent grants mapped')" -le 10 ] && [ "$(all_queues 'pgnt_hits')" -gt 0 ]; }

mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
need disk_create d1 kind=ram size=32
plain="max_queues=1 max_ring_page_order=0 feature_persistent=0"
said_from
with "nothing" "max_queues=1 max_ring_page_order=0 feature_persistent=0" "" one_queue one_page none_kept
with "two queues" "max_queues=2" "max_queues=2 max_ring_page_order=0 feature_persistent=0" two_queues one_page none_kept
with "16 pages" "" "max_queues=1 max_ring_page_order=4 feature_persistent=0" one_queue sixteen_pages
with "indirect" "" "$plain max_indirect_segments=256" one_queue indirect descriptors_copied none_kept
with "persistent" "" "max_queues=1 max_ring_page_order=0 feature_persistent=1" one_queue kept
with "persistent, room for ten" "max_persistent_grants=10" "max_queues=1 max_ring_page_order=0" ten_kept
with "all" "max_queues=2 max_ring_page_order=4" \
	"max_queues=2 max_ring_page_order=4 max_indirect_segments=256 feature_persistent=1" \
	two_queues sixteen_pages indirect kept

# Pages that stay mapped are let go once they are not used.
need backend_use blkback "$BACK" persistent_grant_unused_seconds=2
need frontend_use 0 blkfront "$FRONT" max_queues=1
need disk_attach 0 d1 xvdb
check "persistent, 2 s: verified" verify 4k 32 1m
check "persistent, 2 s: pages are kept" kept
nothing_kept() { [ "$(state_line 'persistent grants mapped')" = 0 ]; }
check "persistent, 2 s: unused ones are let go" wait_until 12 nothing_kept
queue_thread() { pgrep -f "^\[0.xvdb-0\]" || pgrep -x "0.xvdb-0"; }
thread=$(queue_thread)
switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$thread/status"; }
need wait_until 20 idle_memory
before=$(switches)
sleep 6
is "an idle queue's thread sleeps" "$(switches)" "$before"
check "verified again" verify 4k 32 1m

# Looking on before a sleep: an emulated processor needs more than the default.
POLL_US=/sys/module/xen_blkback/parameters/poll_us
# one_by_one REQUESTS: not from the thread's processor, where its look would be in the way
one_by_one() {
	taskset -c 0 fio --name=p --filename=/dev/xvdb --rw=randread --bs=4k --direct=1 \
		--number_ios="$1" >/dev/null
}
# polled_in MICROSECONDS: poll_hits while one request follows the other
polled_in() {
	echo "$1" >$POLL_US || return 1
	# what was learnt goes with the connection
	{ disk_detach 0 xvdb && disk_attach 0 d1 xvdb &&
		taskset -pc 1 "$(queue_thread)"; } >&2 || return 1
	one_by_one 300
	back_stat 0 xvdb 'poll_hits'
}
# On one processor a look is in vain where Xen does not give fio its turn meanwhile, and
# such looks become seldom.
spares_some() {
	local tries
	for ((tries = 0; tries < 5; tries++)); do
		[ "$(polled_in 10000)" -gt 0 ] && return 0
	done
	return 1
}
if [ "$BACK" = ours ]; then
	default=$(cat $POLL_US)
	check "poll_us=10000 spares sleeps" spares_some
	is "poll_us=0 spares none" "$(polled_in 0)" 0
	echo "$default" >$POLL_US
fi

# Limits of the toolstack, in the backend's own directory.
limited_rate() { # ITEM OF FIO'S TERSE OUTPUT, OPTIONS...
	local item=$1
	shift
	fio --name=l --filename=/dev/xvdb --ioengine=libaio --direct=1 --time_based \
		--runtime=6 --output-format=terse "$@" | cut -d';' -f"$item"
}
within() { # VALUE WANTED PERCENT
	[ "$1" -ge $(($2 * (100 - $3) / 100)) ] && [ "$1" -le $(($2 * (100 + $3) / 100)) ]
}
need xenstore-write "$(disk_backend 0 xvdb)/limit-iops" 50
check "limit-iops=50 is logged" wait_until 5 said "limits: 50 requests/s"
rate=$(limited_rate 8 --rw=randread --bs=4k --iodepth=8)
check "limit-iops=50 holds within 10 %: $rate" within "$rate" 50 10
need xenstore-write "$(disk_backend 0 xvdb)/limit-iops" 0
need xenstore-write "$(disk_backend 0 xvdb)/limit-bytes-per-second" 2097152
check "limit-bytes-per-second is logged" wait_until 5 said "limits: 0 requests/s, 2097152 bytes/s"
rate=$(limited_rate 7 --rw=read --bs=64k --iodepth=4)
check "limit-bytes-per-second=2 MiB holds within 10 %: $rate KiB/s" within "$rate" 2048 10
need xenstore-rm "$(disk_backend 0 xvdb)/limit-bytes-per-second"
check "no limit is left" wait_until 5 said "limits: 0 requests/s, 0 bytes/s"
need xenstore-write "$(disk_backend 0 xvdb)/limit-iops" 12x
check "a limit that is no number is named" wait_until 5 said 'limit-iops.*12x'
check "the disk goes" disk_detach 0 xvdb
need wait_until 20 frontend_use 0 blkfront none

# Bad parameters are named, and what is used instead.
need backend_use blkback none
need backend_use blkback "$BACK" max_queues=0 max_ring_page_order=9
check "max_queues=0 is named" said "max_queues=0 is not within 1 to 64; using 1"
check "max_ring_page_order=9 is named" said "max_ring_page_order=9 is not within 0 to 4; using 4"

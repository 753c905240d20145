#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each feature of our frontend alone, negotiated down with module parameters,
# then all of them, against the kernel's backend and ours: data verified by fio
# and compared with the backing file, and the counters say that the feature was
# used, and only then.
#
# Would fail (not tried yet): a response looked up by its tag alone (two queues:
# data of another
# request), a descriptor page that is filled from the second segment on
# (indirect: fio's crc), a page of the persistent pool given back before its
# data was copied out (crc), a poll function that finds nothing (time-out).
# timeout: 600
. "$(dirname "$0")/pair.sh"

plain="max_queues=1 max_ring_page_order=0 max_indirect_segments=11 feature_persistent=0"
debugfs=/sys/kernel/debug/xenpv/xen-blkfront/vbd-$(disk_number xvdy)

job() { printf '[%s]\nstonewall\noffset=%dm\nsize=1m\n' "$1" "$2"; shift 2; printf '%s\n' "$@"; }
jobs() {
	printf '%s\n' '[global]' filename=/dev/xvdy ioengine=libaio direct=1 \
		rw=randwrite verify=crc32c verify_fatal=1 do_verify=1 randseed=3
	job "4 KiB" 0 bs=4k iodepth=32
	job "1 MiB" 4 bs=1m iodepth=4 size=4m
	job "any size" 10 bsrange=512-256k iodepth=16
	job "odd sectors" 12 bs=60k iomem_align=512 iodepth=8
}
poll_job() {
	printf '%s\n' '[global]' filename=/dev/xvdy ioengine=io_uring hipri=1 direct=1 \
		rw=randwrite verify=crc32c verify_fatal=1 do_verify=1
	job "polled 4 KiB" 0 bs=4k iodepth=8
	# no larger: Linux 6.1 tries polled bios that need splitting for ever
	job "polled 32 KiB" 2 bs=32k iodepth=2
}

# state NAME: a line of debugfs' state. peer KEY: what the backend offers.
state() { sed -n "s/^$1: //p" "$debugfs/state"; }
peer() { sed -n "s/^$1 (peer's): //p" "$debugfs/features"; }
# total NAME: a counter over all queues.
total() { sed -n "s/^ *$1: //p" "$debugfs/queues" | awk '{ n += $1 } END { print n + 0 }'; }
lesser() { echo $(($1 < $2 ? $1 : $2)); }
used() { if [ "$(total "$1")" -gt 0 ]; then echo 1; else echo 0; fi; }

run_fio() {
	timeout $((90 * TIME_FACTOR)) fio --minimal "$1" >/run/xenpv/fio.log 2>&1 || {
		tail -n 20 /run/xenpv/fio.log
		return 1
	}
}

# tried NAME QUEUES ORDER SEGMENTS PERSISTENT [PARAMETER=VALUE...]: what we ask
# for, and thus what is to be in use where the backend offers as much.
tried() {
	local name="$backend: $1" queues=$2 order=$3 segs=$4 persistent=$5
	shift 5
	# shellcheck disable=SC2086 # words on purpose
	need frontend_use 0 blkfront ours $plain "$@"
	need disk_attach 0 d xvdy
	queues=$(lesser "$(lesser "$queues" "$(nproc)")" "$(peer multi-queue-max-queues)")
	order=$(lesser "$order" "$(peer max-ring-page-order)")
	segs=$(lesser "$segs" "$(peer feature-max-indirect-segments)")
	[ "$segs" -gt 11 ] || segs=11
	persistent=$((persistent && $(peer feature-persistent)))
	is "$name: as negotiated" \
		"$(state rings) $(state "pages per ring") $(state "segments per request") $(state "persistent grants")" \
		"$queues $((1 << order)) $segs $persistent"
	is "$name: I/O scheduler" \
		"$(grep -o '\[.*\]' /sys/block/xvdy/queue/scheduler)" "[none]"
	check "$name: fio verifies" run_fio /run/xenpv/jobs.fio
	is "$name: indirect requests" "$(used indirect)" $((segs > 11))
	is "$name: lasting grants" "$(used persistent)" "$persistent"
	if [ "$(state "polled queues")" -gt 0 ]; then
		check "$name: fio verifies, polling" run_fio /run/xenpv/poll.fio
		is "$name: answers found by polling" "$(used polled)" 1
	fi
	is "$name: the same bytes in dom0" "$(sha /dev/xvdy)" "$(sha "$(disk_file d)")"
	is "$name: errors" "$(total errors)" 0
	discards
	need disk_detach 0 xvdy
	need frontend_use 0 blkfront none
}

discards() {
	local before after
	before=$(stat -c %b "$(disk_file d)")
	if [ "$(state discard)" = 0 ]; then
		is "$name: no discard without the feature" \
			"$(cat /sys/block/xvdy/queue/discard_max_bytes)" 0
		return
	fi
	check "$name: discard" blkdiscard -o 4M -l 4M /dev/xvdy
	after=$(stat -c %b "$(disk_file d)")
	check "$name: the file has holes now ($before, $after blocks)" \
		test "$after" -le $((before - 8192))
	is "$name: which read as zeros" \
		"$(dd if=/dev/xvdy bs=1M skip=4 count=4 iflag=direct status=none | tr -d '\0' | wc -c)" 0
}

need_built blkfront
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
jobs >/run/xenpv/jobs.fio
poll_job >/run/xenpv/poll.fio

for backend in intree ours; do
	[ $backend = intree ] || driver_built blkback || continue
	need disk_create d size=16
	need backend_use blkback $backend
	tried "nothing" 1 0 11 0
	tried "queues" 2 0 11 0 max_queues=2
	tried "ring of 16 pages" 1 4 11 0 max_ring_page_order=4
	tried "indirect" 1 0 256 0 max_indirect_segments=256
	tried "persistent" 1 0 11 1 feature_persistent=1
	tried "untrusted" 1 0 256 0 trusted=0 max_indirect_segments=256
	tried "polling" 2 0 11 0 poll_queues=1
	tried "all" 3 4 256 1 max_queues=2 max_ring_page_order=4 \
		max_indirect_segments=256 feature_persistent=1 poll_queues=1
	need backend_use blkback none
	need disk_remove d
done

said_from
need frontend_use 0 blkfront ours max_ring_page_order=5 max_indirect_segments=3 max_queues=0
for line in 'max_ring_page_order=5 .*using 4' 'max_indirect_segments=3 .*using 11' \
	'max_queues=0 .*using 1'; do
	check "a bad parameter is named: $line" said "parameter $line"
done

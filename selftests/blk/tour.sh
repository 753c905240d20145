#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every feature of the block pair once, dom0 being both ends: with all that they can agree
# upon, with none of it, then names, discs and sectors of other sizes; and what one can
# see meanwhile. The deep tier has a test for each.
# timeout: 240
# tier: short
# Would fail (not tried) with what those tests name in their heads, where one use shows it.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

TRACING=/sys/kernel/debug/tracing
GROUP=/sys/fs/cgroup/xenpv-test
PLAIN=/tmp/plain.img

# The library's waits know names by letters only.
disk_devid() { disk_number "$1"; }
told() { xenstore-read "$(disk_backend 0 "$1")/$2" 2>/dev/null; }
# front VDEV LINE, back VDEV LINE: of the driver's state in debugfs.
front() { sed -n "s/^$2: //p" "/sys/kernel/debug/xenpv/xen-blkfront/vbd-$(disk_number "$1")/state"; }
back() { sed -n "s/^$2: //p" "/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name 0 "$1")/state"; }
negotiated() {
	echo "$(front xvdb rings) $(front xvdb "pages per ring")" \
		"$(front xvdb "segments per request") $(front xvdb "persistent grants")"
}
# backend_has KEY...: whether the backend's debugfs has all of them.
backend_has() {
	local key
	for key; do
		grep -q "^$key " "/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name 0 xvdb)/features" || return 1
	done
}
used() { if [ "$(front_stat 0 xvdb "$1")" -gt 0 ]; then echo 1; else echo 0; fi; }
# milliseconds COMMAND...: how long it takes.
milliseconds() {
	local start
	start=$(date +%s%N)
	"$@" >&2 || return 1
	echo $((($(date +%s%N) - start) / 1000000))
}
reads() { dd if="/dev/$1" of=/dev/null bs="$2" count="$3" iflag=direct status=none; }
writes() { dd if=/dev/urandom of="/dev/$1" bs="$2" count="$3" oflag=direct status=none; }
fails() { ! "$@" 2>/dev/null; }
# made VDEV DISK|DEVICE KEY=VALUE...: attached without xl and its script, which take seconds.
made() {
	local vdev=$1 dev=$2
	shift 2
	[ -b "$dev" ] || dev=$(disk_dev "$dev")
	by_hand "$(disk_number "$vdev")" mode=w dev="$vdev" hotplug-status=connected \
		physical-device="$(stat -c '%t:%T' "$dev")" "$@"
}
gone() {
	local vdev
	for vdev; do away "$(disk_number "$vdev")" || return 1; done
}
same() { is "$1" "$(sha "/dev/$2")" "$(sha "$3")"; }

# One start of fio: sizes, memory at odd sectors, the page cache with a flush at its end.
jobs() {
	printf '%s\n' '[global]' filename=/dev/xvdb ioengine=libaio direct=1 rw=randwrite \
		verify=crc32c verify_fatal=1 do_verify=1 randseed=7
	job "4 KiB" 0 256k bs=4k iodepth=16
	job "odd sectors" 1 1m bsrange=512-256k iodepth=8 iomem_align=512
	job "1 MiB" 4 3m bs=1m iodepth=3
	job "page cache" 8 1m bs=64k direct=0 ioengine=psync end_fsync=1
	[ "$1" != polled ] || job "polled" 10 256k bs=4k iodepth=8 ioengine=io_uring hipri=1
}
job() { printf '[%s]\nstonewall\noffset=%dm\nsize=%s\n' "$1" "$2" "$3"; shift 3; printf '%s\n' "$@"; }
verified() {
	jobs "$1" >/run/xenpv/tour.fio
	fio --minimal /run/xenpv/tour.fio >/run/xenpv/tour.log 2>&1 || { tail -n 20 /run/xenpv/tour.log; false; }
}

both_have_all() {
	local line
	is "all: rings, pages of each, segments, persistent grants" "$(negotiated)" "2 16 256 1"
	check "all: the keys are in debugfs" backend_has feature-persistent multi-queue-max-queues \
		max-ring-page-order feature-max-indirect-segments feature-discard feature-flush-cache
	is "all: no I/O scheduler" "$(grep -o '\[.*\]' /sys/block/xvdb/queue/scheduler)" "[none]"
	check "all: fio verifies" verified polled
	same "all: the same bytes in dom0" xvdb "$(disk_file d1)"
	is "all: indirect requests, persistent grants, polling are used" \
		"$(used indirect) $(used persistent) $(used polled)" "1 1 1"
	check "all: pages stay mapped, up to the limit" kept_within 64
	is "all: flushes arrive" "$(back_sysfs 0 xvdb statistics/f_req)" "$(front_stat 0 xvdb flushes)"
	check "all: there were some" test "$(front_stat 0 xvdb flushes)" -gt 0
	is "all: each queue has a thread" "$(pgrep -c '^0\.xvdb-[01]$')" 2
	is "sysfs: the disk" "$(back_sysfs 0 xvdb physical_device)" "$(stat -c '%t:%T' "$(disk_dev d1)")"
	is "sysfs: its mode" "$(back_sysfs 0 xvdb mode)" w
	is "sysfs: statistics are numbers" "$(statistics {oo,rd,wr,f,ds}_req {rd,wr}_sect | grep -cxE '[0-9]+')" 7
	line=$(xentop -b -i 2 -d 1 -x | grep -E "VBD .*(\[ca:10\]|\b51728\b)" | tail -n 1)
	is "xentop's RD, WR, RSECT, WSECT are theirs" \
		"$(sed -nE 's/.*RD: *([0-9]+) *WR: *([0-9]+) *RSECT: *([0-9]+) *WSECT: *([0-9]+).*/\1 \2 \3 \4/p' <<<"$line")" \
		"$(statistics rd_req wr_req rd_sect wr_sect | paste -sd ' ')"
	is "no error, nothing refused" "$(errors)" "0 0 0"
}
# statistics NAME...: of the backend, a line each.
statistics() {
	local name
	for name; do back_sysfs 0 xvdb "statistics/$name"; done
}
errors() {
	echo "$(front_stat 0 xvdb errors) $(back_stat 0 xvdb errors) $(back_stat 0 xvdb bad_entries)"
}
kept_within() {
	local kept
	kept=$(back xvdb 'persistent grants mapped')
	echo "$kept are"
	[ "$kept" -gt 0 ] && [ "$kept" -le $((2 * $1)) ] && [ "$(back_stat 0 xvdb 'pgnt_hits')" -gt 0 ]
}

traces() {
	local event
	for event in xpv_phase xpv_map xpv_unmap; do
		grep -q " $event: " $TRACING/trace || { echo "no $event"; return 1; }
	done
}

discards() {
	local before
	before=$(stat -c %b "$(disk_file d1)")
	is "discard-granularity is the disk's" "$(told xvdb discard-granularity)" \
		"$(cat "/sys/block/$(basename "$(disk_dev d1)")/queue/discard_granularity")"
	check "2 MiB are discarded" blkdiscard -o 4M -l 2M /dev/xvdb
	check "their blocks are freed" test "$(stat -c %b "$(disk_file d1)")" -le $((before - 4096 + 64))
	same "nothing else is" xvdb "$(disk_file d1)"
	check "ds_req counts them" test "$(back_sysfs 0 xvdb statistics/ds_req)" -gt 0
}

limits() {
	local took
	need xenstore-write "$(disk_backend 0 xvdb)/limit-iops" 20
	check "limit-iops=20 is logged" wait_until 5 said "limits: 20 requests/s"
	took=$(milliseconds reads xvdb 4k 40)
	check "40 requests take 1.7 s or more: $took ms" test "$took" -ge 1700
	need xenstore-write "$(disk_backend 0 xvdb)/limit-iops" 0
	need xenstore-write "$(disk_backend 0 xvdb)/limit-bytes-per-second" 1048576
	check "limit-bytes-per-second is logged" wait_until 5 said "limits: 0 requests/s, 1048576 bytes/s"
	took=$(milliseconds reads xvdb 64k 32)
	check "2 MiB take 1.7 s or more: $took ms" test "$took" -ge 1700
	need xenstore-rm "$(disk_backend 0 xvdb)/limit-bytes-per-second"
	check "no limit is left" wait_until 5 said "limits: 0 requests/s, 0 bytes/s"
}

# On the disk that ends requests late: loop devices do their I/O in other threads.
cgroup() {
	local took thread
	mountpoint -q /sys/fs/cgroup || need mount -t cgroup2 none /sys/fs/cgroup
	need bash -c 'echo +io >/sys/fs/cgroup/cgroup.subtree_control'
	need mkdir -p $GROUP
	at_exit "rmdir $GROUP"
	need bash -c "echo $(cat "/sys/block/$(basename "$(disk_dev late)")/dev") rbps=1048576 >$GROUP/io.max"
	for thread in $(pgrep '^0\.xvdc-'); do need bash -c "echo $thread >$GROUP/cgroup.procs"; done
	took=$(milliseconds reads xvdc 64k 32)
	check "io.max of 1 MiB/s: 2 MiB take 1.5 s or more: $took ms" test "$took" -ge 1500
	for thread in $(pgrep '^0\.xvdc-'); do need bash -c "echo $thread >/sys/fs/cgroup/cgroup.procs"; done
}

answered_at_once() {
	local before after
	# what they use is mapped then, and stays so
	need writes xvdc 4k 64
	before=$(back_stat 0 xvdc 'inline_completions')
	need writes xvdc 4k 64
	after=$(back_stat 0 xvdc 'inline_completions')
	check "lone requests are answered where they end: $((after - before)) of 64" test $((after - before)) -ge 48
}

resized() {
	need disk_resize d1 24
	check "it grows" wait_until 20 sectors_are $((24 * 2048))
	check "and says so" said "VBD Resize: new size $((24 * 2048))"
	check "the new end can be written" dd if=/dev/zero of=/dev/xvdb bs=1M seek=23 count=1 oflag=direct status=none
	need disk_resize d1 16
	check "it shrinks" wait_until 20 sectors_are $((16 * 2048))
}
sectors_are() { [ "$(blockdev --getsz /dev/xvdb)" = "$1" ]; }

at_rest() {
	echo 2 >/sys/module/xen_blkback/parameters/persistent_grant_unused_seconds
	check "unused pages are let go of" wait_until 15 nothing_kept
	check "an idle disk has no memory for requests" wait_until 10 idle_memory
	local before
	before=$(switches)
	sleep 2
	is "and its threads sleep" "$(switches)" "$before"
	check "log_stats: a line of a busy queue" wait_until 15 logged
}
nothing_kept() { [ "$(back xvdb 'persistent grants mapped')" = 0 ]; }
idle_memory() { [ "$(back xvdb 'requests allocated')" = 0 ]; }
switches() {
	# shellcheck disable=SC2016 # awk's
	pgrep '^0\.xvdb-' | sed 's,.*,/proc/&/status,' | xargs awk '/ctxt_switches/ { n += $2 } END { print n }'
}
logged() { reads xvdb 4k 1 && said '\(0\.xvdb-[01]\): oo +[0-9]+ +\| +rd +[0-9]+ '; }

all_of_it() {
	need disk_create d1 size=16
	need disk_create ours size=4
	# no polling is longer than its requests
	need disk_create late kind=ram size=4 irqmode=2 completion_nsec=2000000
	need backend_use blkback ours max_queues=2 max_persistent_grants=64 log_stats=1
	need frontend_use 0 blkfront none
	echo 1 >$TRACING/events/xenpv/enable
	at_exit "[ ! -e $TRACING/events/xenpv/enable ] || echo 0 >$TRACING/events/xenpv/enable; echo >$TRACING/trace"
	# the toolstack's word is read before the disk connects
	need made xvdd ours
	need xenstore-write "$(disk_frontend 0 xvdd)/trusted" 0
	said_from
	need frontend_use 0 blkfront ours max_queues=2 poll_queues=1
	need disk_wait 0 xvdd
	check "trusted=0 in xenstore: the log says so" said "xvdd: .*bounce buffer: enabled"
	check "trusted=0 in xenstore: written" writes xvdd 64k 16
	same "trusted=0 in xenstore: the same bytes in dom0" xvdd "$(disk_file ours)"
	is "trusted=0 in xenstore: all is copied" "$(front xvdd 'backend trusted')" 0
	need disk_attach 0 d1 xvdb
	need made xvdc late
	need disk_wait 0 xvdc
	check "the log says what xvdb has" said "xvdb: flush diskcache: enabled; persistent grants: enabled"
	both_have_all
	check "tracepoints" traces
	discards
	resized
	answered_at_once
	cgroup
	limits
	at_rest
	check "all: the disk goes" disk_detach 0 xvdb
	check "and the others" gone xvdc xvdd
	echo 0 >$TRACING/events/xenpv/enable
	need wait_until 20 frontend_use 0 blkfront none
	need backend_use blkback none
}

none_of_it() {
	need backend_use blkback ours max_queues=1 max_ring_page_order=0 feature_persistent=0 \
		max_buffer_pages=0 buffer_squeeze_duration_ms=0 poll_us=0
	need frontend_use 0 blkfront ours trusted=0 max_queues=1 max_ring_page_order=0 \
		max_indirect_segments=11 feature_persistent=0
	need disk_attach 0 d1 xvdb
	is "none: rings, pages of each, segments, persistent grants" "$(negotiated)" "1 1 11 0"
	check "none: fio verifies" verified plain
	same "none: the same bytes in dom0" xvdb "$(disk_file d1)"
	is "none: indirect requests, persistent grants, polling" \
		"$(used indirect) $(used persistent) $(used polled)" "0 0 0"
	check "none: an untrusted backend sees copies" test "$(front_stat 0 xvdb bounced)" -gt 0
	is "none: no page stays mapped" "$(back xvdb 'persistent grants mapped')" 0
	is "poll_us=0: no sleep is spared" "$(back_stat 0 xvdb 'poll_hits')" 0
	is "none: no error, nothing refused" "$(errors)" "0 0 0"
	check "none: the disk goes" disk_detach 0 xvdb
	need wait_until 20 frontend_use 0 blkfront none
	need backend_use blkback none
}

# there VDEV NAME MAJOR:MINOR
there() {
	check "$1 is /dev/$2" wait_until 20 test -b "/dev/$2"
	is "$1 is $3" "$(cat "/sys/class/block/$2/dev")" "$3"
}

# Parameters out of bounds; other bounds of them serve here.
names() {
	local big
	said_from
	frontend_use 0 blkfront ours trusted=perhaps >/dev/null 2>&1
	check "trusted=perhaps: the log has name and value" said "\`perhaps' invalid for parameter \`trusted'"
	need backend_use blkback ours max_queues=0 max_ring_page_order=9 poll_us=10000
	need frontend_use 0 blkfront ours max_ring_page_order=5 max_indirect_segments=3
	check "the backend names bad parameters" said "max_queues=0 is not within 1 to 64; using 1"
	check "all of them" said "max_ring_page_order=9 is not within 0 to 4; using 4"
	check "the frontend too" said 'parameter max_ring_page_order=5 .*using 4'
	check "each" said 'parameter max_indirect_segments=3 .*using 11'

	truncate -s 16M $PLAIN
	at_exit rm -f $PLAIN
	printf 'size=4M\nsize=4M\n' | sfdisk -q $PLAIN >/dev/null 2>&1
	truncate -s 4M "$DISKS_DIR/big.img"
	big=$(losetup -f --show --sector-size 4096 "$DISKS_DIR/big.img") || bail losetup
	need disk_attach 0 file:$PLAIN xvda w nowait
	need made xvdb1 ours
	need made xvdaa "$big"
	need made sde late discard-enable=0
	need timeout "$(seconds 60)" xl block-attach 0 \
		"format=raw,backendtype=phy,vdev=hdc,access=r,devtype=cdrom,target=$(disk_dev d1)"
	there xvda xvda 202:0
	there xvdb1 xvdb1 202:17
	there xvdaa xvdaa 202:6656
	there hdc xvdc 202:32
	there sde xvde 202:64
	check "partitions of a table show" wait_until 10 test -b /dev/xvda2
	same "a plain file's bytes" xvda $PLAIN
	need made sda ours
	check "two numbers of one name: the second is refused with a message" \
		wait_until 10 said "virtual-device 2048 is xvda, whose minors are taken by xvda"
	need gone sda

	is "sectors of 4 KiB: as told" "$(told xvdaa sector-size) $(told xvdaa sectors)" "4096 8192"
	is "sectors of 4 KiB: logical, physical, size" \
		"$(blockdev --getss --getpbsz --getsz /dev/xvdaa | paste -sd ' ')" "4096 4096 8192"
	check "sectors of 4 KiB: written" writes xvdaa 64k 16
	same "sectors of 4 KiB: the same bytes in dom0" xvdaa "$big"
	check "sectors of 4 KiB: 512 bytes are refused" fails reads xvdaa 512 1

	is "a disc, read-only: info, mode" "$(told hdc info) $(back_sysfs 0 hdc mode)" "5 r"
	is "a disc, read-only: the frontend's" "$(cat /sys/block/xvdc/ro)" 1
	check "a disc is read" reads xvdc 64k 16
	check "and not written" fails writes xvdc 4k 1
	is "read-only: feature-discard" "$(told hdc feature-discard)" 0
	is "discard-enable=0: feature-discard" "$(told sde feature-discard)" 0
	check "discard-enable=0: the frontend cannot" fails blkdiscard -l 1M /dev/xvde
	check "poll_us=10000 spares sleeps" spares_some
	junk
	check "those made by hand go" gone xvdb1 xvdaa sde
	check "xvda goes" disk_detach 0 xvda
	check "hdc goes" disk_detach 0 hdc
	is "no loop device of xl's is left" "$(losetup -nO BACK-FILE -j $PLAIN)" ""
}
# On one processor a look is in vain where Xen does not give the reader its turn.
spares_some() {
	local tries
	for ((tries = 0; tries < 10; tries++)); do
		reads xvde 4k 100
		[ "$(back_stat 0 sde 'poll_hits')" -gt 0 ] && return 0
	done
	return 1
}

junk() {
	said_from
	need made xvdg ours physical-device=zebra
	check "physical-device=zebra is named" wait_until 10 said 'physical-device "zebra" is not major:minor in hexadecimal'
	need made xvdh ours mode=maybe
	check "mode=maybe is named" wait_until 10 said 'mode "maybe" is neither r nor w'
	need gone xvdg xvdh
	check "a good disk works" reads xvdb1 64k 4
}

need_built blkback blkfront
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
all_of_it
none_of_it
names

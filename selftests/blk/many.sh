#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 64 disks at once on one guest: each gets its own data right while all are busy,
# idle ones wake nobody. Prints what a disk costs in memory at either end; with
# BACK=intree FRONT=intree the kernel's own pair, for comparison.
#
# The kernel's own pair cannot have 64: the frontends' lasting pages are more than
# the guest's memory. DISKS=16 is what to compare with.
#
# Seen failing: with rings of 16 pages for each of 64, of which xenstore's quota let
# 12 connect; with the kernel's own backend, whose threads wake ten times a second.
# timeout: 400
. "$(dirname "$0")/pair.sh"

DISKS=${DISKS:-64}
IDLE_SECONDS=10
letters=({a..z})
disks=()
for ((i = 1; i <= DISKS; i++)); do
	disks+=("xvd$([ $((i / 26)) = 0 ] || echo "${letters[i / 26 - 1]}")${letters[i % 26]}")
done

# The kernel's own memory in KiB: not what processes and the page cache have.
# shellcheck disable=SC2016 # awk's
KERNEL_MEMORY='echo 3 >/proc/sys/vm/drop_caches; awk "/^MemTotal/ { n += \$2 }
	/^(MemFree|Buffers|Cached|AnonPages):/ { n -= \$2 } END { print n }" /proc/meminfo'
memory_dom0() { sleep 0.5; bash -c "$KERNEL_MEMORY"; }
memory_guest() { guest_run g1 "$KERNEL_MEMORY"; }
# per_disk BEFORE AFTER: KiB of each disk.
per_disk() { echo $((($2 - $1) / DISKS)); }

# How often anything of these disks' has run: in dom0 their threads, in the guest
# their interrupts.
wakeups_dom0() {
	local -a threads
	mapfile -t threads < <(ps -e -o pid=,comm= |
		awk -v n="^$domid\\\\.xvd" '$2 ~ n { print "/proc/" $1 "/status" }')
	awk '/ctxt_switches/ { n += $2 } END { print n + 0 }' "${threads[@]}"
}
wakeups_guest() {
	# shellcheck disable=SC2016 # awk's
	guest_run g1 'awk "/blkif/ { for (i = 2; i < NF; i++) if (\$i ~ /^[0-9]+\$/) n += \$i }
		END { print n + 0 }" /proc/interrupts'
}

load() {
	local vdev
	printf '%s\n' '[global]' ioengine=libaio direct=1 bs=32k iodepth=4 thread \
		rw=randwrite size=2m verify=crc32c verify_fatal=1 do_verify=1
	for vdev in "${disks[@]}"; do
		printf '[%s]\nfilename=/dev/%s\n' "$vdev" "$vdev"
	done
}

all_there() { guest_run g1 "[ \$(cat /sys/block/xvd*/size | grep -cv '^0\$') = $DISKS ]"; }

pair_setup guest
UNUSED=/sys/module/xen_blkback/parameters/persistent_grant_unused_seconds
at_exit eval "[ ! -e $UNUSED ] || echo $(cat $UNUSED) >$UNUSED"
echo 2 >$UNUSED
for vdev in "${disks[@]}"; do
	need disk_create "$vdev" kind=ram size=2
	# all of its memory, before that is looked at
	dd if=/dev/zero of="$(disk_dev "$vdev")" bs=1M count=2 oflag=direct status=none
done
need guest_create g1 vcpus=2 frontblk=none frontnet=none
domid=$(guest_domid g1)
dom0=$(memory_dom0)
# The script is the lab's own: Xen's compares each with all others.
for vdev in "${disks[@]}"; do
	xl block-attach g1 "vdev=$vdev,access=w,script=block-plain,target=$(disk_dev "$vdev")" || break
done
is "$DISKS disks are attached" "$(xenstore-list /local/domain/0/backend/vbd/"$domid" | wc -l)" "$DISKS"
attached=$(memory_dom0)
guest=$(memory_guest)
check "the guest's frontend" frontend_use g1 blkfront "$FRONT"
check "all connect" wait_until 60 all_there
# udev in the guest has a look at each; then pages are let go of, once.
quiet() {
	before="$(wakeups_dom0) $(wakeups_guest)"
	sleep 2
	[ "$before" = "$(wakeups_dom0) $(wakeups_guest)" ]
}
check "all come to rest" wait_until 60 quiet
connected=$(memory_dom0)
guest_connected=$(memory_guest)
before="$(wakeups_dom0) $(wakeups_guest)"
sleep $IDLE_SECONDS
after="$(wakeups_dom0) $(wakeups_guest)"
diag "$IDLE_SECONDS s idle: dom0's threads ran $((${after% *} - ${before% *})) times," \
	"the guest had $((${after#* } - ${before#* })) interrupts"
if [ "$BACK" = ours ]; then
	is "idle disks wake no thread" "${after% *}" "${before% *}"
fi
if [ "$FRONT" = ours ]; then
	is "and interrupt no guest" "${after#* }" "${before#* }"
fi

load >/run/xenpv/load.fio
need guest_push g1 /run/xenpv/load.fio
check "fio on all at once verifies" guest_run g1 'cd /tmp && fio load.fio >fio.log || { tail -n 30 fio.log; false; }'
loaded=$(memory_dom0)
guest_loaded=$(memory_guest)
diag "KiB for each disk in dom0: attached $(per_disk "$dom0" "$attached")," \
	"connected $(per_disk "$dom0" "$connected"), loaded $(per_disk "$dom0" "$loaded")"
diag "in the guest: connected $(per_disk "$guest" "$guest_connected")," \
	"loaded $(per_disk "$guest" "$guest_loaded")"
for vdev in "${disks[0]}" "${disks[DISKS - 1]}"; do
	is "$vdev: the same bytes in dom0" "$(guest_sha g1 "/dev/$vdev")" "$(sha "$(disk_dev "$vdev")")"
done
check "the guest goes with all of them" guest_destroy g1

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest of two processors with eight disks and 1024 grants: all connect, several
# queues each, idle ones wake nobody, busy ones wait for each other's grants and get
# all of their data right; one disk is read-only and the guest is made to believe it is
# not. The deep tier: blk/many, blk/grants, blk/short, blk/readonly.
# timeout: 240
# tier: short
# Would fail (not tried): with what those name in their heads.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

BUSY=(xvdb xvdc xvdd)
IDLE=(xvde xvdf xvdg xvdh)
FOOLED=xvdi
DISKS=$((${#BUSY[@]} + ${#IDLE[@]} + 1))
UNUSED=/sys/module/xen_blkback/parameters/persistent_grant_unused_seconds

all_there() { guest_run g1 "[ \$(cat /sys/block/xvd*/size | grep -cv '^0\$') = $DISKS ]"; }
# How often anything of these disks' has run: threads in dom0, interrupts of the guest.
wakeups() {
	# shellcheck disable=SC2016 # awk's
	pgrep "^$domid\\.xvd" | sed 's,.*,/proc/&/status,' |
		xargs awk '/ctxt_switches/ { n += $2 } END { print n }'
	# shellcheck disable=SC2016 # awk's
	guest_run g1 'awk "/blkif/ { for (i = 2; i < NF; i++) if (\$i ~ /^[0-9]+\$/) n += \$i }
		END { print n + 0 }" /proc/interrupts'
}
quiet() {
	local before
	before=$(wakeups)
	sleep 1
	[ "$before" = "$(wakeups)" ]
}
load() {
	local vdev
	printf '%s\n' '[global]' ioengine=libaio direct=1 thread rw=randwrite verify=crc32c \
		verify_fatal=1 do_verify=1
	for vdev in "${BUSY[@]}"; do
		printf '[%s]\nfilename=/dev/%s\nbs=256k\niodepth=32\nsize=8m\n' "$vdev" "$vdev"
	done
	for vdev in "${IDLE[@]}"; do
		printf '[%s]\nfilename=/dev/%s\nbs=32k\niodepth=4\nsize=1m\n' "$vdev" "$vdev"
	done
}
# "info" will be written into a node that only dom0 may read: the guest takes it for absent.
fool() {
	local back
	back=$(disk_backend g1 $FOOLED)
	xenstore-write "$back/mode" w "$back/info" 0
	xenstore-chmod "$back/info" n0
}
# disk VDEV MODE: of the guest's configuration, by a script of the lab's own: Xen's compares
# each with all others.
disk() { disks+=("disk=vdev=$1,access=$2,script=block-plain,target=$(disk_dev "$1")"); }
opened() { [ "$(back_sysfs g1 $FOOLED physical_device)" != 0:0 ]; }

pair_setup guest
at_exit eval "[ ! -e $UNUSED ] || echo $(cat $UNUSED) >$UNUSED"
echo 2 >$UNUSED
for vdev in "${BUSY[@]}"; do need disk_create "$vdev" kind=ram size=8; done
for vdev in "${IDLE[@]}" $FOOLED; do need disk_create "$vdev" kind=ram size=2; done
disks=()
for vdev in "${BUSY[@]}" "${IDLE[@]}"; do disk "$vdev" w; done
disk $FOOLED r
need guest_create g1 type=pv vcpus=2 mem=768 frontblk=none frontnet=none \
	cfg='max_grant_frames = 2' "${disks[@]}"
domid=$(guest_domid g1)
need wait_until 10 opened
need fool
need frontend_use g1 blkfront "$FRONT"
check "$DISKS disks connect" wait_until 60 all_there
is "two queues" "$(xenstore-read "$(disk_frontend g1 xvdb)/multi-queue-num-queues")" 2
check "all come to rest" wait_until 30 quiet
before=$(wakeups)
sleep 3
is "idle disks wake no thread and no guest" "$(wakeups | paste -sd ' ')" "$(paste -sd ' ' <<<"$before")"

load >/run/xenpv/load.fio
need guest_push g1 /run/xenpv/load.fio
check "fio on all at once verifies" guest_run g1 'cd /tmp && fio load.fio >fio.log || { tail -n 30 fio.log; false; }'
stalls=0
for vdev in "${BUSY[@]}"; do
	n=$(front_stat g1 "$vdev" stalls)
	stalls=$((stalls + n))
done
check "requests had to wait for grants ($stalls times)" test $stalls -gt 0
is "no error" "$(front_stat g1 xvdb errors) $(back_stat g1 xvdb errors)" "0 0"
for vdev in xvdd xvdh; do
	is "$vdev: the same bytes in dom0" "$(guest_sha g1 /dev/$vdev)" "$(sha "$(disk_dev $vdev)")"
done

said_from
is "a guest that was lied to takes the disk for writable" "$(guest_run g1 "cat /sys/block/$FOOLED/ro")" 0
check "its writes fail" guest_run g1 "! dd if=/dev/urandom of=/dev/$FOOLED bs=4k count=4 oflag=direct 2>/dev/null"
check "because the backend refused them" test "$(back_stat g1 $FOOLED bad_entries)" -gt 0
check "and says why" said "request with op 1, .* refused: the disk is read-only"
is "the disk is as it was" "$(dd if="$(disk_dev $FOOLED)" bs=1M iflag=direct status=none | tr -d '\0' | wc -c)" 0
check "the guest goes with all of them" guest_destroy g1

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Durability: when fsync has returned in the frontend's domain, the backing
# device has seen a flush after the data; a write with FUA is followed by one; a
# power cut right then leaves a file system with the file in it. dm-log-writes
# records what reached the device, with marks that this test puts between.
# A device without a cache is not said to have one, and is not flushed.
#
# Would fail (not tried yet): blkback that answers a flush at once, blkfront that does not
# send flushes, blkback that always offers feature-flush-cache.
# timeout: 300
. "$(dirname "$0")/pair.sh"
here=$(dirname "$0")
log=/run/xenpv/disks/log.img

mark() { dmsetup message blklog 0 mark "$1"; }
entries() { python3 "$here/logwrites.py" list "$log"; }
# between FROM TO: the entries between two marks.
between() {
	entries | awk -v from="mark $1" -v to="mark $2" \
		'$0 == to { exit } on { print } $0 == from { on = 1 }'
}
queue() { cat "/sys/block/$1/queue/write_cache"; }

log_target() {
	local sectors
	sectors=$(blockdev --getsz "$(disk_dev data)")
	modprobe dm-log-writes
	dmsetup create blklog --table \
		"0 $sectors log-writes $(disk_dev data) $(disk_dev log)"
}

pair_setup own
need disk_create data size=32
need disk_create log size=96
need disk_create replay size=32
need log_target
at_exit "xl block-detach 0 xvdb 2>/dev/null; wait_until 10 dmsetup remove blklog"
need disk_attach 0 /dev/mapper/blklog xvdb
is "a device with a cache: feature-flush-cache" \
	"$(xenstore-read "$(disk_backend 0 xvdb)/feature-flush-cache")" 1
is "the frontend's disk has a cache to flush" "$(queue xvdb)" "write back"

mark start
check "a write, then fsync" dd if=/dev/urandom of=/dev/xvdb bs=64k count=4 oflag=direct conv=fsync status=none
mark fsynced
seen=$(between start fsynced)
is "fsync reaches the device as a flush" "$(grep -c '^flush' <<<"$seen")" 1
is "after the data" "$(tail -n 1 <<<"$seen" | grep -o '^flush')" flush
is "all of the data" "$(awk -F '[ +]' '$1 == "write" { n += $3 } END { print n }' <<<"$seen")" 512

check "a write without fsync" dd if=/dev/urandom of=/dev/xvdb bs=4k seek=64 count=1 oflag=direct status=none
mark unsynced
is "is not flushed" "$(between fsynced unsynced)" ""
check "a write with FUA" dd if=/dev/urandom of=/dev/xvdb bs=4k seek=128 count=1 oflag=direct,dsync status=none
mark fua
seen=$(between unsynced fua)
is "a write with FUA is durable when it returns" \
	"$(grep -cE '^(write|fua|flush\+fua) 1024\+8$' <<<"$seen")" 1 || diag "$seen"
is "by a flush behind it" "$(tail -n 1 <<<"$seen" | grep -oE '^flush|fua')" flush
is "f_req of the backend counts the flushes" \
	"$(back_sysfs 0 xvdb statistics/f_req)" "$(front_stat 0 xvdb flushes)"

# The same by the file system's own means, with power cuts at the marks.
need mkfs.ext4 -q /dev/xvdb
mkdir -p /run/xenpv/mnt
need mount /dev/xvdb /run/xenpv/mnt
for i in 1 2 3; do
	head -c 20000 /dev/urandom >/run/xenpv/mnt/file$i
	sync /run/xenpv/mnt/file$i
	mark file$i
	sums[i]=$(sha /run/xenpv/mnt/file$i)
done
check "unmount" umount /run/xenpv/mnt
check "the disk goes" disk_detach 0 xvdb
for i in 1 3; do
	dev=$(disk_dev replay)
	check "power cut after file $i: replayed" python3 "$here/logwrites.py" replay "$log" file$i "$dev"
	check "power cut after file $i: mounts" mount "$dev" /run/xenpv/mnt || continue
	is "power cut after file $i: its contents" "$(sha /run/xenpv/mnt/file$i)" "${sums[i]}"
	umount /run/xenpv/mnt
	check "power cut after file $i: fsck is clean" e2fsck -fn "$dev"
done

need disk_create plain kind=ram size=16
# Linux since 6.1 names it after its folder in configfs.
plain=$(disk_dev plain)
[ -b "$plain" ] || plain=/dev/plain
need disk_attach 0 "$plain" xvdc
is "a device without a cache: feature-flush-cache" \
	"$(xenstore-read "$(disk_backend 0 xvdc)/feature-flush-cache")" 0
is "the frontend's disk has none either" "$(queue xvdc)" "write through"
check "fsync works without" dd if=/dev/urandom of=/dev/xvdc bs=64k count=2 conv=fsync status=none
is "and sends nothing" "$(back_sysfs 0 xvdc statistics/f_req)" 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Discards: the blocks of the backing file are freed, nothing else is; a read
# while a large discard runs does not wait for its end; the toolstack can
# forbid them; the frontend loses the feature with a disk that has none.
#
# Would fail (not tried yet): blkback that answers a discard at once (blocks), that gives
# the disk a whole discard in one piece (latency of reads), that does not read
# discard-enable.
# timeout: 300
FRONT=${FRONT:-intree}
. "$(dirname "$0")/pair.sh"

told() { xenstore-read "$(disk_backend 0 xvdb)/$1" 2>/dev/null; }
blocks() { stat -c %b "$(disk_file d1)"; }
# The disk that the guest sees can discard at all.
can() { [ "$(cat /sys/block/xvdb/queue/discard_max_bytes)" -gt 0 ]; }

pair_setup own
need disk_create d1 size=64
need disk_attach 0 d1 xvdb
is "feature-discard" "$(told feature-discard)" 1
check "discard-granularity is that of the disk" test "$(told discard-granularity)" -eq \
	"$(cat "/sys/block/$(basename "$(disk_dev d1)")/queue/discard_granularity")"
check "the frontend can discard" can
need dd if=/dev/urandom of=/dev/xvdb bs=1M count=32 oflag=direct status=none
full=$(blocks)
head=$(dd if=/dev/xvdb bs=1M count=8 iflag=direct status=none | sha256sum)
tail=$(dd if=/dev/xvdb bs=1M skip=24 count=8 iflag=direct status=none | sha256sum)
check "16 MiB in the middle are discarded" blkdiscard -o 8M -l 16M /dev/xvdb
check "their blocks are freed" test "$(blocks)" -le $((full - 16 * 2048 + 64))
is "what is before is as it was" "$(dd if=/dev/xvdb bs=1M count=8 iflag=direct status=none | sha256sum)" "$head"
is "what is behind is as it was" "$(dd if=/dev/xvdb bs=1M skip=24 count=8 iflag=direct status=none | sha256sum)" "$tail"
check "ds_req counts them" test "$(back_sysfs 0 xvdb statistics/ds_req)" -gt 0
mkdir -p /run/xenpv/mnt
need mkfs.ext4 -q /dev/xvdb
need mount /dev/xvdb /run/xenpv/mnt
check "a file system trims" fstrim /run/xenpv/mnt
check "unmount" umount /run/xenpv/mnt
check "the disk goes" disk_detach 0 xvdb
is "no error in dom0" "$(dmesg | grep -cE 'I/O error, dev (loop|xvdb)')" 0

# A frontend that may not: the toolstack's word, and a read-only disk.
need disk_attach 0 d1 xvdb r
is "read-only: feature-discard" "$(told feature-discard)" 0
check "the disk goes" disk_detach 0 xvdb
need timeout 60 xl block-attach 0 "vdev=xvdb,access=w,format=raw,no-discard,target=$(disk_dev d1)"
need disk_wait 0 xvdb
is "no-discard: discard-enable is 0" "$(told discard-enable)" 0
is "no-discard: feature-discard" "$(told feature-discard)" 0
check "no-discard: the frontend cannot" bash -c '! blkdiscard -l 1M /dev/xvdb 2>/dev/null'
check "the disk goes" disk_detach 0 xvdb

# A disk that takes 100 ms for each discard, of whatever size.
need disk_create under kind=ram size=256 discard=1
need modprobe dm-delay
need dmsetup create slow --table \
	"0 $(blockdev --getsz "$(disk_dev under)") delay $(disk_dev under) 0 0 $(disk_dev under) 0 100"
at_exit "xl block-detach 0 xvdb 2>/dev/null; wait_until 10 dmsetup remove slow"
need disk_attach 0 /dev/mapper/slow xvdb
start=$(date +%s%N)
blkdiscard /dev/xvdb &
discard=$!
sleep 0.5
lat=$(fio --name=r --filename=/dev/xvdb --rw=randread --bs=4k --iodepth=1 --ioengine=psync \
	--direct=1 --number_ios=40 --size=256m --randseed=4 --output-format=json |
	python3 -c 'import json, sys
times = json.load(sys.stdin)["jobs"][0]["read"]["clat_ns"]
print(int(times["mean"] / 1000), int(times["max"] / 1000))')
running=no
kill -0 $discard 2>/dev/null && running=yes
read -r mean max <<<"$lat"
diag "reads during the discard: mean $mean us, longest $max us"
is "the discard was still running after the reads" $running yes
wait $discard
is "the discard ends well" $? 0
took=$((($(date +%s%N) - start) / 1000000))
diag "the discard of 256 MiB took $took ms"
check "no read waited for the discard's end (longest below a fifth of it)" test "$max" -lt $((took * 200))
check "the disk goes" disk_detach 0 xvdb

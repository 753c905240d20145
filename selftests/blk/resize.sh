#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk grows while a file system on it is mounted, and shrinks; a change is
# noticed within 3 s although nobody uses the disk. What a toolstack looks at
# (statistics, xentop) is there and counts.
#
# Would fail (not tried yet): blkback that never looks at the size of an idle disk (3 s),
# blkfront that ignores the second Connected (size), attributes under a group
# of another name (statistics, xentop).
# timeout: 200
. "$(dirname "$0")/pair.sh"

sectors_are() { [ "$(blockdev --getsz "/dev/$1")" = "$2" ]; }
told_sectors() { xenstore-read "$(disk_backend 0 "$1")/sectors"; }

# resized DESC MiB: the disk's file changes, the rest is up to the drivers.
resized() {
	local start end
	disk_resize d1 "$2" || bail "disk_resize"
	start=$(date +%s%N)
	if ! wait_until 20 sectors_are xvdb $(($2 * 2048)); then
		not_ok "$1" "/dev/xvdb has $(blockdev --getsz /dev/xvdb) sectors"
		return
	fi
	end=$(date +%s%N)
	took=$(((end - start) / 1000000))
	ok "$1"
	diag "after $took ms"
}

xentop_line() { xentop -b -i 2 -d 1 -x | grep -E "VBD .*\[ca:10\]|VBD BlkBack" | tail -n 1; }

pair_setup own
said_from
need disk_create d1 size=32
need disk_attach 0 d1 xvdb
mnt=/run/xenpv/mnt
mkdir -p $mnt
need mkfs.ext4 -q /dev/xvdb
need mount /dev/xvdb $mnt
at_exit "umount $mnt 2>/dev/null"
cp -a /etc $mnt
sum=$(cd $mnt/etc && find . -type f -exec sha256sum {} + | sort | sha256sum)

resized "grown while mounted and idle: the guest has the new size" 64
check "within 3 s, though idle" test "$took" -le $((3000 * TIME_FACTOR))
is "xenstore has the new size" "$(told_sectors xvdb)" $((64 * 2048))
check "blkback logs the resize" said "VBD Resize: new size $((64 * 2048))"
check "blkfront's disk logs the new size" said "xvdb: detected capacity change from $((32 * 2048)) to $((64 * 2048))"
check "resize2fs online" resize2fs /dev/xvdb
check "the file system has the room" test "$(df --output=size -m $mnt | tail -n 1)" -gt 45
is "what was on it is unchanged" "$(cd $mnt/etc && find . -type f -exec sha256sum {} + | sort | sha256sum)" "$sum"
check "the new room can be written" dd if=/dev/zero of=$mnt/new bs=1M count=30 conv=fsync status=none
check "unmount" umount $mnt
check "fsck is clean" e2fsck -fn /dev/xvdb

# Nobody asks meanwhile: sleeping processors must not keep it from being seen.
need disk_resize d1 48
sleep $((3 * TIME_FACTOR))
check "shrunk while nothing runs: the guest has the new size after 3 s" sectors_are xvdb $((48 * 2048))
check "beyond the new end nothing can be read" \
	bash -c '! dd if=/dev/xvdb of=/dev/null bs=1M skip=50 count=1 iflag=direct 2>/dev/null | grep -q .'

before=$(back_sysfs 0 xvdb statistics/wr_sect)
check "8 MiB are written" dd if=/dev/zero of=/dev/xvdb bs=1M count=8 oflag=direct status=none
is "statistics/wr_sect counts them" $(($(back_sysfs 0 xvdb statistics/wr_sect) - before)) $((8 * 2048))
for name in oo_req rd_req wr_req f_req ds_req rd_sect wr_sect; do
	check "statistics/$name is a number" grep -qxE '[0-9]+' <(back_sysfs 0 xvdb statistics/$name)
done
line=$(xentop_line)
diag "xentop: $line"
is "xentop's RD, WR, RSECT, WSECT are those of statistics" \
	"$(sed -nE 's/.*RD: *([0-9]+) *WR: *([0-9]+) *RSECT: *([0-9]+) *WSECT: *([0-9]+).*/\1 \2 \3 \4/p' <<<"$line")" \
	"$(for name in rd_req wr_req rd_sect wr_sect; do back_sysfs 0 xvdb statistics/$name; done | paste -sd ' ')"
check "the disk goes" disk_detach 0 xvdb

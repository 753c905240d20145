#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk of 4096-byte sectors (loop --sector-size): the frontend's disk has
# such sectors too, its size is right, data and a file system come through, and
# a request that is not in whole sectors is refused with an error and one line,
# without a splat. So does its growing.
#
# Would fail (not tried yet): sector-size not written, "sectors" in units of 4096 bytes
# (size), a check of the sum of segments only (refused).
# timeout: 200
FRONT=${FRONT:-intree}
. "$(dirname "$0")/pair.sh"

told() { xenstore-read "$(disk_backend 0 xvdb)/$1" 2>/dev/null; }
file=/run/xenpv/four.img

pair_setup own
truncate -s 64M $file
dev=$(losetup -f --show --sector-size 4096 $file) || bail "losetup"
at_exit "rm -f $file"
need disk_attach 0 "$dev" xvdb
is "sector-size" "$(told sector-size)" 4096
is "sectors are units of 512 bytes" "$(told sectors)" $((64 * 2048))
is "the frontend's logical block" "$(blockdev --getss /dev/xvdb)" 4096
is "its size" "$(blockdev --getsize64 /dev/xvdb)" $((64 << 20))
check "fio verifies, 4 KiB" fio --name=v --filename=/dev/xvdb --rw=randwrite --bs=4k \
	--size=2m --iodepth=16 --ioengine=libaio --direct=1 --verify=crc32c --verify_fatal=1 --minimal
check "fio verifies, mixed" fio --name=v --filename=/dev/xvdb --rw=randwrite --bsrange=4k-256k --blockalign=4k \
	--bs_unaligned=0 --size=8m --iodepth=8 --ioengine=libaio --direct=1 --verify=crc32c --verify_fatal=1 --minimal
is "the same bytes in dom0" "$(sha /dev/xvdb)" "$(sha $file)"
mkdir -p /run/xenpv/mnt
check "mkfs" mkfs.ext4 -q /dev/xvdb
check "mount" mount /dev/xvdb /run/xenpv/mnt
check "files" cp -a /etc /run/xenpv/mnt/
check "unmount" umount /run/xenpv/mnt
check "fsck is clean" e2fsck -fn /dev/xvdb
is "nothing was refused" "$(back_stat 0 xvdb bad_entries)" 0
truncate -s 96M $file
losetup -c "$dev"
grown() { [ "$(blockdev --getsize64 /dev/xvdb)" = $((96 << 20)) ]; }
check "it grows" wait_until 10 grown
check "the new end can be written" dd if=/dev/zero of=/dev/xvdb bs=4k seek=$((96 * 256 - 1)) count=1 oflag=direct status=none
check "the disk goes" disk_detach 0 xvdb
losetup -d "$dev"

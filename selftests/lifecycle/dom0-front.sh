#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend: several disks at once, a plain file that xl puts a
# loop device under, partitions, and what the disks are called.
# timeout: 180
# Would fail (not tried) when, for example, blkback does not open the disk before it connects
# (loop: the script binds it late), or vdev.c gives a disk another's minors.
. "$(dirname "$0")/lib.sh"

need pair_use
disks=(xvda xvdq xvdz)
for disk in "${disks[@]}"; do
	need disk_create "on-$disk" size=16
	check "$disk" disk_attach 0 "on-$disk" "$disk"
done
truncate -s 16M /tmp/plain.img
at_exit rm -f /tmp/plain.img
check "a plain file" disk_attach 0 file:/tmp/plain.img xvdy
disks+=(xvdy)

numbers() { local d; for d; do lsblk -dno MAJ:MIN "/dev/$d"; done | tr -d ' ' | paste -sd ' '; }
is "their numbers are as ever" "$(numbers "${disks[@]}")" "202:0 202:4096 202:6400 202:6144"

together() {
	local disk bad=0
	local -a pids=()
	for disk; do
		eval "$(fio_job "/dev/$disk" 4 --size=8m)" >"/tmp/fio.$disk" 2>&1 &
		pids+=($!)
	done
	for disk in "${pids[@]}"; do wait "$disk" || bad=1; done
	[ $bad = 0 ] || cat /tmp/fio.xvd*
	return $bad
}
check "I/O on all of them together" together "${disks[@]}"

same() { cmp "/dev/xvda" "$(disk_dev on-xvda)" && cmp /dev/xvdy /tmp/plain.img; }
echo 3 >/proc/sys/vm/drop_caches
check "the same bytes at both ends" same

printf 'size=4M\nsize=4M\n' | sfdisk -q /dev/xvdq >/dev/null 2>&1
check "partitions" wait_until 5 test -b /dev/xvdq2
is "have the next numbers" "$(numbers xvdq1 xvdq2)" "202:4097 202:4098"

# sda is xvda to us: the minors are taken.
numbered() { xl block-attach 0 "phy:$(disk_dev on-xvdz),sda,w" && sleep 1; dmesg | tail -n 20 | grep -q 'taken by xvda'; }
check "sda, which would be xvda as well, is refused with its name" numbered
timeout "$(seconds 30)" xl block-detach --force 0 sda >/dev/null 2>&1
check "xvda is unharmed" cmp -n 65536 /dev/xvda "$(disk_dev on-xvda)"

for disk in "${disks[@]}"; do check "$disk goes" disk_detach 0 "$disk"; done
is "no loop device of xl's is left" "$(losetup -nO BACK-FILE -j /tmp/plain.img)" ""

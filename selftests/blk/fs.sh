#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ext4 and xfs: a file tree survives a remount; after a power cut of the guest
# (xl destroy while it writes), what it had synced is there and the file system
# is sound once its journal is replayed.
#
# Would fail (not tried yet): blkback that answers writes without doing every fourth one (the
# tree's sha256, fsck), blkback that answers before the bio ends (the marker).
# timeout: 360
. "$(dirname "$0")/pair.sh"

# In the guest: sums of all files of a tree, independent of their order.
# shellcheck disable=SC2016
tree_sum='tree_sum() { (cd "$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum | cut -c1-64); }'

# tree TYPE DEVICE MKFS: prints the sums before and after the remount.
tree() {
	guest_run g1 "set -e; $tree_sum
		$3 $2 >/dev/null; mkdir -p /mnt/$1; mount -t $1 $2 /mnt/$1
		mkdir /mnt/$1/tree; cp -a /etc /usr/bin/bash /usr/share/*/ /mnt/$1/tree/ 2>/dev/null || cp -a /etc /mnt/$1/tree/
		rm -rf /mnt/$1/tree/etc/ssl; mkdir -p /mnt/$1/tree/many; for i in {1..100}; do echo \$i >/mnt/$1/tree/many/\$i; done
		a=\$(tree_sum /mnt/$1/tree); umount /mnt/$1; echo 3 >/proc/sys/vm/drop_caches
		mount -t $1 $2 /mnt/$1; b=\$(tree_sum /mnt/$1/tree); umount /mnt/$1; echo \$a \$b"
}

# In the guest: load on both file systems; every synced file is told.
# shellcheck disable=SC2016
load='n=0; while :; do n=$((n + 1)); for fs in ext4 xfs; do
	dd if=/dev/urandom of=/mnt/$fs/load.$((n % 7)) bs=64k count=4 status=none
	echo "marker $n" >/mnt/$fs/marker.$n; sync /mnt/$fs/marker.$n && sync -f /mnt/$fs/marker.$n && echo $n >/tmp/synced.$fs
	done; done'

synced() { guest_run g1 "cat /tmp/synced.$1 2>/dev/null || echo 0"; }
enough() { [ "$(synced xfs)" -ge 5 ]; }

# after_cut FILE-SYSTEM N DISK: whether what the guest was told is safe is on the disk.
# Mounting replays the journal.
after_cut() {
	local fs=$1 n=$2 disk=$3 dev
	dev=$(disk_dev "$disk")
	mkdir -p "/run/xenpv/mnt"
	mount -t "$fs" "$dev" /run/xenpv/mnt || return 1
	is "$fs: marker $n is there after the power cut" \
		"$(cat "/run/xenpv/mnt/marker.$n" 2>&1)" "marker $n"
	umount /run/xenpv/mnt
	case $fs in
	ext4) check "ext4: fsck is clean" e2fsck -fn "$dev" ;;
	xfs) check "xfs: repair finds nothing" xfs_repair -n "$dev" ;;
	esac
}

pair_setup guest
need disk_create ext4 size=64
need disk_create xfs size=320
need guest_create g1
need disk_attach g1 ext4 xvdb
need disk_attach g1 xfs xvdc

read -r before after <<<"$(tree ext4 /dev/xvdb 'mkfs.ext4 -q')"
is "ext4: the tree is the same after a remount" "$after" "${before:-nothing}"
read -r before after <<<"$(tree xfs /dev/xvdc 'mkfs.xfs -q -f')"
is "xfs: the tree is the same after a remount" "$after" "${before:-nothing}"
check "ext4: fsck in dom0 of the unmounted disk" e2fsck -fn "$(disk_dev ext4)"
check "xfs: repair -n in dom0 of the unmounted disk" xfs_repair -n "$(disk_dev xfs)"

need guest_run g1 'mount /dev/xvdb /mnt/ext4 && mount /dev/xvdc /mnt/xfs'
need guest_start_bg g1 load "$load"
check "the guest writes and syncs" wait_until 60 enough
ext4=$(synced ext4) xfs=$(synced xfs)
check "power cut: xl destroy" guest_destroy g1
disks_free() { [ -z "$(ls /sys/bus/xen-backend/devices)" ]; }
check "the backends let go" wait_until 20 disks_free
after_cut ext4 "$ext4" ext4
after_cut xfs "$xfs" xfs

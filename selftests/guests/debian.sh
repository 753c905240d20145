#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A whole Debian whose root filesystem is on our blkfront and which is on the network
# through our netfront, booted by the initramfs that its own initramfs-tools made
# with the modules in it that dkms built from our package (build/disk.sh). HVM
# first, then the same disk as a PVH and as a PV guest.
# tier: by name
# timeout: 1800
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

DISK=/dev/vdc
GUEST_BOOT_SECONDS=600

# The kernel and the initramfs of the disk itself.
take_boot_files() {
	modprobe -q crc32c_generic
	modprobe ext4 && mkdir -p /tmp/disk && mount -o ro,noload $DISK /tmp/disk &&
		cp /tmp/disk/boot/vmlinuz-* /tmp/vmlinuz && cp /tmp/disk/boot/initrd.img-* /tmp/initrd
	local status=$?
	umount /tmp/disk
	return $status
}

# in_initramfs GUEST: the drivers that it was booted with.
in_initramfs() {
	# shellcheck disable=SC2016 # the guest's
	guest_run "$1" 'lsinitramfs /boot/initrd.img-$(uname -r) |
		sed -nE "s,.*modules/[^/]*/(.*/(xen-(blk|net)front|xenpv-common)\.ko).*,\1,p" |
		sort | xargs'
}

booted() {
	local name=$1 card
	is "$name: its root is on" "$(guest_run "$name" 'findmnt -no SOURCE,FSTYPE / | xargs')" \
		"/dev/xvda ext4"
	is "$name: the drivers in its initramfs" "$(in_initramfs "$name")" "$(printf '%s ' \
		updates/dkms/{xen-blkfront,xen-netfront,xenpv-common}.ko | xargs)"
	is "$name: its disk's driver" "$(module_of "$name" /sys/block/xvda)" "xen_blkfront $version"
	card=$(guest_run "$name" 'ls /sys/class/net | grep -v lo | xargs')
	is "$name: its card's driver" "$(module_of "$name" "/sys/class/net/$card")" \
		"xen_netfront $version"
	check "$name: xenpv-status is content" guest_run "$name" \
		'xenpv-status | tee /tmp/said && grep "running now: xen-blkfront: ours" /tmp/said &&
		grep "running now: xen-netfront: ours" /tmp/said'
	check "$name: is on the network" wait_until 60 reaches 1
	check "$name: and loses nothing" reaches 10
}

# What it writes is there after the page cache is dropped, and at the next boot.
writes() {
	guest_run "$1" 'cd /var/tmp && head -c 32M /dev/urandom >data && sha256sum data >sum &&
		sync && echo 3 >/proc/sys/vm/drop_caches && sha256sum -c sum'
}

one() {
	local name=deb-$1 vdev=xvda
	[ "$1" != hvm ] || vdev=hda
	guest_create "$name" type="$1" vcpus=2 mem=768 front=none kernel=/tmp/vmlinuz \
		ramdisk=/tmp/initrd disk="phy:$DISK,$vdev,w" vif="$GUEST_VIF" \
		args='root=LABEL=debian ro' 2>/tmp/said || {
		not_ok "$name: boots" "$(cat /tmp/said)"
		return
	}
	ok "$name: boots"
	diag "$(guest_run "$name" 'systemd-analyze 2>&1 | head -n 1; uname -r' | paste -sd ' ')"
	booted "$name"
	[ "$1" = hvm ] || check "$name: what the one before wrote" guest_run "$name" \
		'cd /var/tmp && sha256sum -c sum'
	check "$name: writes to its root" writes "$name"
	guest_run "$name" 'systemctl is-system-running --wait' >/dev/null
	is "$name: units that failed" "$(guest_run "$name" 'systemctl --failed --no-legend --plain')" ""
	need guest_start_bg "$name" off 'systemctl poweroff'
	check "$name: is shut down in order" wait_until 120 _domain_gone "$name"
	check "$name: and leaves its filesystem clean" e2fsck -fn $DISK
}

[ -b $DISK ] || skip_all "no Debian on dom0's third disk: make check-guests"
need_built blkback netback
need backend_use blkback "$BACK"
need backend_use netback "$BACK"
need bridge_create
need take_boot_files
version=$(modinfo -F version "$MODULES_DIR/xen-blkfront.ko")
for type in ${TYPES:-hvm pvh pv}; do
	one "$type"
done

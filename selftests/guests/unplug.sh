#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xen_emul_unplug is honoured: with "never" our frontends stay away and say so, and
# the emulated disk and card work; with "unnecessary" the emulated disk stays beside
# the paravirtual ones, none of which leads to the same storage.
# timeout: 600
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

# stays_away GUEST DRIVER: ours does not load and the guest's log says why.
stays_away() {
	! frontend_use "$1" "$2" ours 2>/tmp/said || { echo "$2 loads"; return 1; }
	grep -q "No such device" /tmp/said || { cat /tmp/said; return 1; }
	guest_run "$1" "dmesg | grep 'xen-$2: .*still plugged in'"
}

# emulated_disk GUEST: the emulated disk works: what is written arrives in dom0.
emulated_disk() {
	guest_run "$1" 'modprobe -a sd_mod ata_piix
		dd if=/dev/urandom of=/dev/sda bs=64k count=16 oflag=direct status=none &&
		dd if=/dev/sda bs=64k count=16 iflag=direct status=none | sha256sum' >/tmp/there || return 1
	# QEMU writes through dom0's page cache
	sync
	dd if="$(disk_dev "$1")" bs=64k count=16 status=none | sha256sum >/tmp/here
	cmp /tmp/here /tmp/there
}

# The card has no interface before its driver is there.
emulated_card() {
	guest_run "$1" "modprobe 8139cp && ip link set eth0 up && ip addr add $PEER_4/24 dev eth0" &&
		ping -q -c 5 -W $((5 * TIME_FACTOR)) $PEER_4
}

never() {
	need guest_with_both never hda type=hvm front=none args=xen_emul_unplug=never
	check "never: xen-blkfront stays away" stays_away never blkfront
	check "never: xen-netfront stays away" stays_away never netfront
	is "never: no paravirtual disk" "$(guest_run never 'ls /sys/block | grep -c ^xvd')" 0
	check "never: the emulated disk works" emulated_disk never
	check "never: the emulated card works" emulated_card never
	check "never: is destroyed" guest_destroy never
}

unnecessary() {
	need guest_with_both both hda type=hvm args=xen_emul_unplug=unnecessary
	is "unnecessary: no disk of ours for the emulated one" \
		"$(guest_run both 'ls /sys/block | grep -c ^xvd')" 0
	check "unnecessary: and it is said" guest_run both \
		"dmesg | grep 'virtual-device 768 is left to the emulated disk'"
	check "unnecessary: the emulated disk works" emulated_disk both
	need disk_create extra size=16
	check "unnecessary: a disk beside it" disk_attach both extra xvdb
	check "unnecessary: is read" guest_run both \
		'dd if=/dev/xvdb of=/dev/null bs=1M iflag=direct status=none'
	is "unnecessary: its driver" "$(module_of both /sys/block/xvdb)" \
		"xen_blkfront $(modinfo -F version $MODULES_DIR/xen-blkfront.ko)"
	check "unnecessary: is destroyed" guest_destroy both
}

guests_setup
never
unnecessary

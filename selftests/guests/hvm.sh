#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# HVM guests with 1, 2 and 4 processors: the emulated disk and card are gone, our
# drivers have taken their place, and data arrives as it was sent.
# timeout: 900
# tier: short, deep
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

# one VCPUS
one() {
	local name=h$1
	guest_with_both "$name" hda type=hvm vcpus="$1" || {
		not_ok "$name: an HVM guest with $1 processors" \
			"$(tail -n 20 "/var/log/xen/qemu-dm-$name.log")"
		return
	}
	ok "$name: an HVM guest with $1 processors"
	is "$name: its processors" "$(guest_run "$name" nproc)" "$1"
	is "$name: emulated cards and disks" "$(emulated "$name" | paste -sd ' ')" "0 0"
	ours_in_place "$name" xvda
	io_works "$name" xvda "$name"
	check "$name: another disk comes" disk_attach "$name" extra xvdb
	check "$name: and goes" disk_detach "$name" xvdb
	check "$name: is destroyed" guest_destroy "$name"
}

guests_setup
need disk_create extra size=16
for vcpus in $(by_tier "1 2 4" 1); do
	one "$vcpus"
done

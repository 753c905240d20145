#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# PV and PVH guests with 1, 2 and 4 processors, and processors that come and go
# under I/O: what is written is verified, and two TCP streams arrive as sent.
# by name only: minutes
# timeout: 600
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

counts() {
	local vcpus name
	for vcpus in 1 2 4; do
		name=$1-$vcpus
		need guest_with_both "$name" xvda type="$1" vcpus=$vcpus
		is "$name: its processors" "$(guest_run "$name" nproc)" $vcpus
		ours_in_place "$name" xvda
		io_works "$name" xvda "$name"
		need guest_destroy "$name"
		need disk_remove "$name"
	done
}

hotplug() {
	local name=$1-hot vcpus
	need guest_with_both "$name" xvda type="$1" vcpus=1 maxvcpus=4
	load_start "$name" xvda
	for vcpus in 4 2 3 1 4; do
		check "$name: $vcpus processors, under I/O" online "$name" $vcpus
	done
	load_end "$name" xvda
}

guests_setup
for type in pv pvh; do
	counts $type
	hotplug $type
done

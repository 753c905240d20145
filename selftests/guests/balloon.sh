#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests that were given less memory than they may have, and whose memory shrinks
# and grows under I/O: what is written is verified, and TCP arrives as sent.
# by name only: minutes
# timeout: 600
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

current() { guest_run "$1" 'cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb'; }

balloon() {
	local name=$1-balloon mib
	need guest_with_both "$name" xvda type="$1" vcpus=2 mem=400 maxmem=640
	diag "$1: $(current "$name") KiB of 640 MiB at its boot"
	load_start "$name" xvda
	for mib in 600 330 500 330 600; do
		check "$name: $mib MiB, under I/O" memory "$name" $mib
	done
	load_end "$name" xvda
}

guests_setup
for type in pv pvh hvm; do
	balloon $type
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests that were given less memory than they may have, and whose memory shrinks
# and grows under I/O: what is written is verified, and TCP arrives as sent.
# by name only: minutes
# timeout: 600
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/lib.sh"

current() { guest_run "$1" 'cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb'; }

# memory GUEST MIB: until the guest's balloon driver is within 2 MiB of it.
memory() {
	timeout $((30 * TIME_FACTOR)) xl mem-set "$1" "$2" || return 1
	guest_run "$1" "for ((i = 0; i < $((300 * TIME_FACTOR)); i++)); do
			kb=\$(cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb)
			[ \$((kb - $2 * 1024)) -gt -2048 ] && [ \$((kb - $2 * 1024)) -lt 2048 ] && exit 0
			sleep 0.1
		done
		echo it has \$kb KiB
		exit 1"
}

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

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What there is to see in dom0 at a test's first failure, kept in a folder that the
# runner fetches (harness/evidence.py). Each command is bounded: something is wrong.

EVIDENCE=/run/xenpv/evidence

# evidence_keep: once for each test.
evidence_keep() {
	[ ! -e $EVIDENCE ] || return 0
	mkdir -p $EVIDENCE
	{
		_evidence dom0-dmesg.txt dmesg
		_evidence xl-dmesg.txt xl dmesg
		_evidence xl-list.txt xl list -v
		_evidence xenstore.txt xenstore-ls -fp /
		_evidence interrupts.txt cat /proc/interrupts
		_evidence processes.txt ps -e -o pid,stat,wchan:32,args
		_evidence debugfs.txt bash -c "$_EVIDENCE_DEBUGFS"
		cp -r /var/log/xen $EVIDENCE/var-log-xen
		_evidence_guests
	} 2>/dev/null
	return 0
}

_evidence() { timeout $((10 * TIME_FACTOR)) "${@:2}" >"$EVIDENCE/$1" 2>&1 </dev/null; }

# Ours of either end, as text.
# shellcheck disable=SC2016 # for the shell that runs it
_EVIDENCE_DEBUGFS='mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
	find /sys/kernel/debug/xenpv /sys/kernel/debug/xen-netback -type f | while read -r file; do
		echo "== $file"; cat "$file"; done'

_evidence_guests() {
	local name
	for name in $(xl list | awk 'NR > 1 && $2 != 0 { print $1 }'); do
		guestctl -t 10 run "$name" "dmesg; $_EVIDENCE_DEBUGFS" >"$EVIDENCE/guest-$name.txt" 2>&1
	done
}

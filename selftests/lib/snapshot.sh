# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What must be the same after a test as before it, as one small file each.

# Memory may wander by this much (KiB) without being called a leak: caches per
# processor, kmalloc slabs that are half empty, grown hash tables.
MEMORY_TOLERANCE_KIB=${MEMORY_TOLERANCE_KIB:-6144}

# snapshot DIR
snapshot() {
	mkdir -p "$1"
	_snap_domains >"$1/domains"
	_snap_xenstore >"$1/xenstore"
	ls /sys/bus/xen-backend/devices /sys/bus/xen/devices >"$1/xenbus"
	_snap_threads >"$1/threads"
	_snap_interrupts >"$1/interrupts"
	_snap_xen "$1"
	_snap_memory >"$1/memory"
	_snap_slabs >"$1/slabs"
}

_snap_domains() { xl list | awk 'NR > 1 { print $1, $2 }'; }

# Every guest's nodes, every device of dom0, either end; not dom0's own values.
_snap_xenstore() {
	xenstore-ls -f / | grep -E '^/(local/domain/([1-9][0-9]*|0/(backend|device)/.)|libxl/[1-9]|vm/)' |
		sed 's/ = .*//'
}

# Kernel threads that stay; workers of workqueues come and go.
_snap_threads() {
	ps -e -o ppid=,comm= | awk '$1 == 2 { print $2 }' |
		grep -vE '^(kworker|irq/|loop[0-9]|jbd2|ext4-rsv|xfs|dio)' | sort
}

_snap_interrupts() { awk '/xen-dyn|xen-percpu/ { print $NF }' /proc/interrupts | sort; }

# Xen prints its tables on its console ring on debug keys.
_snap_xen() {
	xl dmesg -c >/dev/null
	xl debug-keys eg
	xl dmesg >"$1/xen.log"
	_ports <"$1/xen.log" >"$1/evtchn"
	_entries <"$1/xen.log" >"$1/grants"
}

# "d0 port state" of dom0's bound event channels (2: unbound, 3: interdomain,
# 4: physical, 5: virtual, 6: ipi); the ports' numbers do not matter.
_ports() {
	awk '/Event channel information for domain/ { dom0 = $NF == "0:" }
	     dom0 && match($0, /s=[1-6] /) { print substr($0, RSTART, 3) }' | sort | uniq -c
}

# dom0's own grants that somebody has mapped or that are still offered.
_entries() {
	awk '/grant-table for remote d/ { dom = $0; sub(/.*remote /, "", dom); sub(/ .*/, "", dom) }
	     /\[0x[0-9a-f]+\] +[0-9]/ || /\[ *[0-9]+\] +[0-9]/ { n[dom]++ }
	     END { for (d in n) print d, n[d] }' | sort
}

# KiB that the kernel holds for itself, and what no counter accounts for: pages
# that a driver took from the page allocator and never gave back. Free pages on
# the lists of a processor are megabytes, and not in MemFree. VmallocUsed has
# the kernel's stacks.
_snap_memory() {
	awk '{ v[$1] += $2 }
	     END {
		free = v["MemFree:"] + v["count:"] * 4
		user = v["Buffers:"] + v["Cached:"] + v["AnonPages:"] + v["SReclaimable:"]
		kernel = v["SUnreclaim:"] + v["PageTables:"] + v["Percpu:"] + v["VmallocUsed:"]
		print "slab", v["SUnreclaim:"]
		print "unaccounted", v["MemTotal:"] - free - user - kernel
		print "vmalloc", v["VmallocUsed:"]
	     }' /proc/meminfo /proc/zoneinfo
}

# KiB of each slab cache, for who asks what "slab" is.
_snap_slabs() { awk 'NR > 2 { print $1, $(NF - 1) * $6 * 4 }' /proc/slabinfo | sort; }

# compare BEFORE AFTER: prints "WHAT: difference" lines; nothing where clean.
compare() {
	local what lines
	for what in domains xenstore xenbus threads interrupts evtchn grants; do
		cmp -s "$1/$what" "$2/$what" && continue
		lines=$(diff "$1/$what" "$2/$what" | grep -E '^[<>]')
		# less than before is no leak where numbers of a cache may shrink
		case $what in threads | interrupts) lines=$(grep '^>' <<<"$lines") ;; esac
		[ -n "$lines" ] && printf '%s\n' "$what: ${lines//$'\n'/$'\n'$what: }"
	done
	join "$1/memory" "$2/memory" | awk -v tol="$MEMORY_TOLERANCE_KIB" '
		$3 - $2 > tol { print "memory: " $1 " grew by " $3 - $2 " KiB (" $2 " to " $3 ")" }'
}

# forgive_memory BEFORE AFTER BASE: what grew between the two is no growth of BASE's.
forgive_memory() {
	join "$3/memory" <(join "$1/memory" "$2/memory") |
		awk '{ print $1, $2 + ($4 > $3 ? $4 - $3 : 0) }' >"$3/memory.new"
	mv "$3/memory.new" "$3/memory"
}

# grown BEFORE AFTER: where the memory of two snapshots is, in a line or two.
grown() {
	join "$1/memory" "$2/memory" |
		awk '{ l = l sprintf("%s %s %+d KiB (%d)", l ? "," : "", $1, $3 - $2, $3) } END { print "memory:" l }'
	join "$1/slabs" "$2/slabs" | awk '$3 - $2 >= 512 { print $3 - $2, $1 }' | sort -rn | head -n 6 |
		awk '{ l = l sprintf("%s %s +%d", l ? "," : "", $2, $1) } END { if (l) print "memory: of the slabs" l }'
}

# settle_and_compare BEFORE AFTER SECONDS: things may take a moment to vanish.
settle_and_compare() {
	local end=$((SECONDS + $3)) out
	while :; do
		snapshot "$2"
		out=$(compare "$1" "$2")
		[ -n "$out" ] || return 0
		[ $SECONDS -lt $end ] || break
		sleep 0.5
	done
	printf '%s\n' "$out"
	return 1
}

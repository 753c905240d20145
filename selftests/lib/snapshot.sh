# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What must be the same after a test as before it, as one small file each.

# Memory may wander by this much (KiB) without being called a leak: caches per
# processor, kmalloc slabs that are half empty, grown hash tables.
MEMORY_TOLERANCE_KIB=${MEMORY_TOLERANCE_KIB:-6144}

# A process costs a tenth of a second here, so there are few: "state" has all that must
# be the same, a line each with what it is about before it; "memory" and "slabs" have KiB.

# snapshot DIR
snapshot() {
	mkdir -p "$1"
	# Xen prints its tables on its console ring on debug keys.
	xl debug-keys eg
	xl dmesg -c >"$1/xen.log"
	{
		xl list | sed '1d; s/^\([^ ]*\) *\([^ ]*\).*/domains: \1 \2/'
		_snap_xenstore
		printf 'xenbus: %s\n' /sys/bus/xen-backend/devices/* /sys/bus/xen/devices/*
		_snap_threads
		_snap_interrupts
		_snap_xen <"$1/xen.log"
	} | sort >"$1/state"
	_snap_memory >"$1/memory"
	_snap_slabs >"$1/slabs"
}

# Every guest's nodes, every device of dom0, either end; not dom0's own values, nor the
# folders that xl leaves above dom0's own devices.
_snap_xenstore() {
	xenstore-ls -f / | sed -En -e '\,^/local/domain/0/(backend|device)/(vbd|vif)(/0)? = ,d' -e \
		's,^(/local/domain/([1-9][0-9]*|0/(backend|device)/.)|/libxl/[1-9]|/vm/)([^=]*) = .*,xenstore: \1\4,p'
}

# Kernel threads that stay; workers of workqueues come and go.
_snap_threads() {
	ps -e -o ppid=,comm= | awk '$1 == 2 && $2 !~ /^(kworker|irq\/|loop[0-9]|jbd2|ext4-rsv|xfs|dio)/ {
		print "threads:", $2 }'
}

_snap_interrupts() { awk '/xen-dyn|xen-percpu/ { print "interrupts:", $NF }' /proc/interrupts; }

# dom0's bound event channels by state (2: unbound, 3: interdomain, 4: physical, 5:
# virtual, 6: ipi; the ports' numbers do not matter), and for each domain how many of
# dom0's own grants it has mapped or are still offered.
_snap_xen() {
	awk '/Event channel information for domain/ { dom0 = $NF == "0:" }
	     dom0 && match($0, /s=[1-6] /) { ports[substr($0, RSTART, 3)]++ }
	     /grant-table for remote d/ { dom = $0; sub(/.*remote /, "", dom); sub(/ .*/, "", dom) }
	     /\[0x[0-9a-f]+\] +[0-9]/ || /\[ *[0-9]+\] +[0-9]/ { grants[dom]++ }
	     END {
		for (s in ports) print "evtchn:", ports[s], s
		for (d in grants) print "grants:", d, grants[d]
	     }'
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

# compare BEFORE AFTER: prints "WHAT: difference" lines; nothing where clean. Less than
# before is no leak where numbers of a cache may shrink.
compare() {
	cmp -s "$1/state" "$2/state" || diff "$1/state" "$2/state" |
		sed -En '/^< (threads|interrupts):/d; s/^([<>]) ([a-z]+:) /\2 \1 /p'
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

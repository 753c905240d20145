# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Finds what a kernel prints when something is wrong with it.

SPLATS='BUG[: ]|WARNING:|Oops|lockdep|possible (circular|recursive)|inconsistent lock'
SPLATS+='|hung task|blocked for more than|Call Trace|KASAN|KCSAN|UBSAN|unable to handle'
SPLATS+='|general protection|soft lockup|hard LOCKUP|detected (expedited )?stalls|self-detected stall'
SPLATS+='|g\.e\. (0x)?[0-9a-f#]+ still|still in use|deferring g\.e\.|leaking g\.e\.|Bad page'
SPLATS+='|scheduling while atomic|sleeping function called|refcount_t:|list_(add|del) corruption'
SPLATS+='|Kernel panic|corrupt(ed)? (slab|list|freelist)|page allocation failure|Out of memory'
SPLATS+='|oom-kill|NETDEV WATCHDOG|INFO: task|bad unlock balance|nobody cared'

# splats WHERE [ALLOW]: reads a log, prints its bad lines with WHERE before them.
# Lines that match ALLOW are what the test provokes.
splats() {
	# where nothing is allowed, only empty lines are left out
	tr -d '\r\0' | grep -aE "$SPLATS" | grep -avE "${2:-^$}" | head -n 20 | sed "s|^|$1: |"
}

# dmesg_since MARKER: dom0's messages after the last line with MARKER.
dmesg_since() {
	dmesg | awk -v m="$1" '{ line[NR] = $0 } index($0, m) { from = NR }
		END { for (i = from + 1; i <= NR; i++) print line[i] }'
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk attached and detached two hundred times leaves nothing behind: no
# grant, event channel, thread, device, memory.
# timeout: 400
# Seen failing with ring pages left to the kernel's deferred list (memory).
# Would fail (not tried) when, for example,
# - xpv_ring_destroy() does not end its pages' grants, or blkfront's remove()
#   does not free its queues (grants; slab)
# - xpv_evtchn_close() does not unbind (event channels, interrupts)
# - blkback's remove() returns before blkback_queue_stop() (threads)
# - device_free() does not put_device() (slab: the kmalloc cache of xenbus_device)
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/snapshot.sh
. "$(dirname "$0")/../lib/snapshot.sh"

# ROUNDS twice, and STOCK: two hundred.
WARM=20 ROUNDS=95 STOCK=10
# Too few for the caches to say anything: what is left, the runner finds.
deep || ROUNDS=15 STOCK=2
# Objects of one cache that may be more than before, or a page of them: other
# parts of the kernel live as well, and a cache may have grown by hundreds that
# are free by the next look. A leak of one a round is ROUNDS, each time.
SLACK=$((ROUNDS * 3 / 4))

# "CACHE OBJECTS OBJECTS-PER-SLAB" for every cache, after the kernel gave back what it could.
slabs() {
	local cache
	echo 3 >/proc/sys/vm/drop_caches
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >"$cache"; done
	echo 1 >/proc/sys/vm/compact_memory
	awk 'NR > 2 { print $1, $2, $5 }' /proc/slabinfo | sort
}

# Caches of the rest of the kernel.
OTHERS='dentry|inode|.*_inode|.*inode_cache|filp|vm_area|anon_vma|radix_tree|maple|kernfs|cred'
OTHERS+='|pid|task|sig|files|lsm|buffer_head|skbuff|mnt|names|eventpoll|ep[0-9i]|seq_file|shmem'
OTHERS+='|proc|trace|Acpi|page->ptl|jbd2|ext4|bio|numa|vmap|sock|TCP|request_sock|tw_sock|debug'
OTHERS+='|uid|fs_cache|mm_struct|fsnotify|khugepaged|nsproxy'

# File systems, networks and processes come and go without us.
grown() {
	join "$1" "$2" | awk -v slack=$SLACK '$4 - $2 >= slack && $4 - $2 > $3 { print $1, $2, "to", $4 }' |
		grep -vE "^($OTHERS)"
}

look() {
	sleep 1
	snapshot "$1"
	slabs >"$1/slabs"
}

rounds() { without_udev timeout "$(seconds 150)" python3 "$HERE/rounds.py" "$1" xvdz "$(disk_dev d1)"; }

with_xl() {
	local i
	for ((i = 0; i < STOCK; i++)); do
		disk_attach 0 d1 xvdz && disk_detach 0 xvdz || return 1
	done
}

need pair_use
need disk_create d1 size=8
if ! deep; then
	check "$ROUNDS rounds" rounds $ROUNDS
	check "$STOCK rounds by xl and the stock script" with_xl
	exit
fi
need rounds $WARM
before=$(mktemp -d) between=$(mktemp -d) after=$(mktemp -d)
look "$before"
check "$ROUNDS rounds" rounds $ROUNDS
look "$between"
check "$ROUNDS more" rounds $ROUNDS
look "$after"
is "nothing of it is left" "$(MEMORY_TOLERANCE_KIB=$((ROUNDS * 6)) compare "$before" "$after")" ""
is "no cache has grown both times" \
	"$(join <(grown "$before/slabs" "$between/slabs") <(grown "$between/slabs" "$after/slabs"))" ""

check "$STOCK rounds by xl and the stock script" with_xl

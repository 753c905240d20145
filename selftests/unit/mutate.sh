#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Breaks a copy of the code on purpose, one way after the other, and looks
# whether the tests notice. A test that has never failed has shown nothing.
#   mutate.sh [NAME...]    all breaks, or those whose names are given
# Prints TAP; each line names the first test that failed. Takes minutes.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
only="$*"
count=0
missed=0

# run TESTS: builds and runs them on the copy; the log is in $work/log.
run()
{
	if ! make -s -C "$here" ROOT="$work/root" BUILD="$work/build" T="$1" all \
		> "$work/log" 2>&1; then
		echo "does not compile" > "$work/why"
		return 2
	fi
	# shellcheck disable=SC2086 # $1 is a list
	UNIT_LIMIT=60 "$here/run.sh" "$work/build" $1 > "$work/log" 2>&1
	# Its results tell, not its status: TAP is for whoever reads it.
	if ! grep -q '^not ok' "$work/log"; then
		return 0
	fi
	sed -n 's/^not ok [0-9]* - \([^ ]*\).*/\1/p' "$work/log" | head -n 1 \
		> "$work/why"
	return 1
}

# mutation NAME TESTS FILE SED-EXPRESSION...
mutation()
{
	name=$1 tests=$2 file=$3
	shift 3
	case " $only " in
	"  " | *" $name "*) ;;
	*) return ;;
	esac

	count=$((count + 1))
	cp "$work/root/$file" "$work/saved"
	for expression; do
		sed "$expression" "$work/root/$file" > "$work/new"
		if cmp -s "$work/new" "$work/root/$file"; then
			report "not ok" "$name" "the code has no such place: $expression"
			cp "$work/saved" "$work/root/$file"
			return
		fi
		cp "$work/new" "$work/root/$file"
	done
	run "$tests"
	case $? in
	1) report ok "$name" "noticed by $(cat "$work/why")" ;;
	0) report "not ok" "$name" "nobody noticed" ;;
	*) report "not ok" "$name" "$(cat "$work/why")" ;;
	esac
	cp "$work/saved" "$work/root/$file"
}

report()
{
	echo "$1 $count - $2 # $3"
	if [ "$1" != ok ]; then
		missed=$((missed + 1))
	fi
}

for driver in blkback blkfront netback netfront; do
	mkdir -p "$work/root/drivers/$driver"
done
cp -r "$root/common" "$work/root/"
for file in abi.[ch] discard.h ratelimit.[ch] poll.h affinity.h drain.[ch] grant_limit.[ch] inline.h; do
	# shellcheck disable=SC2086 # a pattern
	cp "$root"/drivers/blkback/$file "$work/root/drivers/blkback/"
done
cp "$root"/drivers/blkfront/nodes.[ch] "$work/root/drivers/blkfront/"
cp "$root"/drivers/netback/*.[ch] "$work/root/drivers/netback/"
cp "$root"/drivers/netfront/*.[ch] "$work/root/drivers/netfront/"
find "$work/root" \( -name '*.o' -o -name '.*.cmd' \) -delete

all="blkback_abi blkback_discard blkback_ratelimit blkback_poll blkback_affinity blkback_drain"
all="$all blkback_grant_limit blkback_inline blkfront_nodes copy events feature"
all="$all fetch grant handshake lies map netback_ctrl_msg netback_hash netback_ratelimit netback_to_guest_slots"
all="$all netback_from_guest netback_to_guest_place netfront_tx"
all="$all netback_from_guest_pages netback_from_guest_parse netfront_ctrl netfront_flow netfront_headroom netfront_rss"
all="$all netfront_segments netfront_tx_event notify parse queue_back queue_front ring slots state threads"
all="$all unmap violation xenstore"
if ! run "$all"; then
	echo "Bail out! the tests fail on the code as it is: $(cat "$work/why")"
	exit 1
fi

# The handshake
mutation state-late-close "state handshake" common/state.c \
	's/= CLOSE_OFFLINE/= CLOSE/'
mutation state-hasty-close "state handshake" common/state.c \
	's/= FOLLOW/= CLOSING/'
mutation state-no-rejoin "state handshake" common/state.c \
	'/= REJOIN/d'
mutation state-no-reconfigure state common/state.c \
	'/= RECONFIGURE/d'
mutation state-peer-bound state common/state.c \
	's/peer < XPV_NR_PEER_STATES/peer <= XPV_NR_PEER_STATES/'
mutation state-no-recheck handshake common/state.c \
	'/= RECHECK/d'

# What a device does about the tables
mutation steps-no-hold handshake common/steps.c 's/return is_on_hold(xdev) ? -EAGAIN : 0;/return 0;/'
mutation steps-early-front handshake common/steps.c \
	'/^void xpv_steps_init_front/,/^}/s/set_bit(XPV_RE[A-Z]*, /if (0) &/'

# Queues
mutation queue-flat-left queue_front common/queue.c 's/^\tif (nr_queues > 1)$/\tif (0)/'
mutation queue-count-left queue_front common/queue.c \
	'/^static int publish_count/,/^}/{/xpv_own_remove/d;}'

# Numbers
mutation parse-colon parse common/parse.c 's/digit > 9/digit > 10/'
mutation parse-max parse common/parse.c 's/sum > max/sum >= max/'
mutation parse-overflow parse common/parse.c 's/if (overflow || /if (/'
mutation feature-min feature common/feature.c \
	's/found >= row->min/found > row->min/'
mutation feature-clamp feature common/feature.c \
	's/return clamp(val, row->min, row->max)/return val/'
mutation feature-own-dir feature common/feature.c \
	's/xpv_peer_read(xdev, row->key)/xpv_own_read(xdev, row->key)/'
mutation feature-keep-dir feature common/feature.c \
	's/xpv_own_read(xdev, row->key)/xpv_peer_read(xdev, row->key)/'
mutation feature-keep-error feature common/feature.c \
	's/if (missing \&\& PTR_ERR(text) != -ENOENT)/if (0)/'

# The ring
mutation ring-header slots common/ring_slots.h \
	's/(bytes - sizeof(struct xpv_sring)) \/ size/bytes \/ size/'
mutation ring-mask slots common/ring_slots.h \
	's/(index & (s->nr - 1))/(index % (s->nr + 1))/'
mutation ring-unanswered lies common/ring_slots.h \
	's/waiting > s->nr - xpv_slots_unanswered(s)/waiting > s->nr/'
mutation ring-signed lies common/ring_slots.h \
	's/waiting > s->nr - xpv_slots_unanswered(s)/(int)waiting > (int)s->nr/'
mutation ring-responses lies common/ring_slots.h \
	's/waiting > READ_ONCE(s->pushed) - s->cons/waiting > s->nr/'
mutation ring-unpushed lies common/ring_slots.h \
	's/waiting > READ_ONCE(s->pushed) - s->cons/waiting > s->prod - s->cons/'
mutation ring-attach lies common/ring_slots.h \
	's/READ_ONCE(ring->req_prod) - start > nr/READ_ONCE(ring->req_prod) > nr/'
mutation ring-read-twice fetch common/ring_slots.h \
	'/xpv_slots_requests(const/,/^}/s/return waiting;/return READ_ONCE(READ);/' \
	's/READ_ONCE(READ)/READ_ONCE(s->shared->req_prod) - s->cons/'
mutation ring-no-barrier fetch common/ring_slots.h '/^\tbarrier();/d'
mutation ring-index-first slots common/ring_slots.h '/^\tvirt_wmb();/d'
mutation ring-threshold notify common/ring_slots.h \
	's/READ_ONCE(\*event) < new - old/READ_ONCE(*event) <= new - old/'
mutation ring-look-first notify common/ring_slots.h \
	'/xpv_slots_final_check_requests(/,/^}/s/WRITE_ONCE(.*/int seen = LOOK;\n\n\t&/' \
	's/seen = LOOK/seen = xpv_slots_requests(s)/' \
	'/xpv_slots_final_check_requests(/,/^}/s/return xpv_slots_requests(s)/return seen/'
mutation ring-no-notify threads common/ring_slots.h \
	's/READ_ONCE(\*event) < new - old/READ_ONCE(*event) < 1 \&\& new - old > 1/'

# Memory of rings
mutation memory-ends-mixed ring common/ring.c \
	's/if (ring->mapped)/if (!ring->mapped)/'
mutation memory-left-mapped "ring queue_back" common/ring.c \
	'/xpv_slots_init_back/,/^}/{/xenbus_unmap_ring_vfree/d;}'
mutation memory-no-quarantine ring common/ring.c \
	'/^static void free_ring/,/^}/{/xpv_grant_free/,/INVALID/d;}'
mutation memory-stale-pointer ring common/ring.c \
	'/ring->slots.shared = NULL;/d'

# Grants
mutation grant-page-freed grant common/grant.c '/get_page(page);/d'
mutation grant-reused grant common/grant.c \
	'/^bool xpv_grant_revoke/,/^}/s/return false/return true/'
mutation grant-what-cannot-be-held grant common/grant.c 's/!sendpage_ok(page)/PageSlab(page)/'
mutation grant-line-for-each grant common/grant.c \
	's/likely(!atomic_read(&xdev->quarantined))/likely(true)/'
mutation grant-limit grant common/grant.c 's/need > room ||/need > room + 1 ||/'
mutation grant-share-of-the-dead grant common/grant.c '/atomic_dec(&pools);/d'
mutation grant-never-settles grant common/grant.h 's/pool->nr > keep/pool->nr > pool->max/'
mutation grant-wait-stays grant common/grant.c \
	'/gnttab_cancel_free_callback/d'
mutation map-positive map common/grant_map.c \
	'/^static void map_set_result/,/^}/s/op->status == GNTST_okay/op->status >= GNTST_okay/'
mutation map-limit map common/grant_map.c \
	's/cache->used >= cache->limit/cache->used > cache->limit/'
mutation map-page-kept map common/grant_map.c \
	'/^static void map_set_result/,/^}/{/cache_put/d;}'
mutation map-lost-failures map common/grant_map.c '/batch->failed += failed;/d'
mutation unmap-twice unmap common/grant_map.c \
	'/^void xpv_unmap_add/,/^}/{/gmap->handle = INVALID/d;}'
mutation unmap-trusting unmap common/grant_map.c \
	'/batch->unmap\[i\].status = GNTST_general_error;/d' \
	's/likely(!err &&/likely((!err || nr) \&\&/'
mutation copy-trusting copy common/grant_copy.c \
	's/ops\[i\].status = GNTST_general_error;/;/' 's/^\t\treturn nr;/\t\tnr = nr;/'

# Queues, events
mutation queue-create-leaks queue_front common/queue.c \
	'/^int xpv_queue_create/,/^}/s/xpv_queue_destroy(q);/(void)q;/'
mutation queue-attach-leaks queue_back common/queue.c \
	'/^int xpv_queue_attach/,/^}/s/xpv_queue_destroy(q);/(void)q;/'
mutation queue-flat-of-two queue_front common/queue.c \
	's/nr_queues > 1/nr_queues > 2/'
mutation queue-own-channel "queue_front queue_back" common/queue.c \
	's/return q->type->evtchn_key ?: "event-channel";/return "event-channel";/'
mutation queue-any-order queue_back common/queue.c \
	's/"ring-page-order", max_order,/"ring-page-order", 31,/'
mutation queue-missing-ref queue_back common/queue.c \
	's/err == -ENOENT && pages == 1/err == -ENOENT/'
mutation queue-zero queue_back common/queue.c 's/if (!found) {/if (0) {/'
mutation queue-arm-forgets events common/queue.c \
	'/^void xpv_queue_arm/,/^}/{/q->type->event/d;}'
mutation event-port-left queue_front common/evtchn.c '/^\t\tfree_port(/d'
mutation event-spurious events common/evtchn.h \
	's/spurious = !ec->worked/spurious = ec->worked/'
mutation event-early-eoi events common/evtchn.h \
	's/if (!atomic_read(&ec->pending))/if (0)/'

# Xenstore, liars
mutation xs-no-retry xenstore common/xenstore.c \
	's/if (err != -EAGAIN)/if (err != -EAGAIN || tries)/'
mutation xs-commits-failure xenstore common/xenstore.c \
	's/xenbus_transaction_end(xbt, 1)/xenbus_transaction_end(xbt, 0)/'
mutation xs-waits-for-io xenstore common/xenstore.c \
	's/kvasprintf(GFP_NOIO/kvasprintf(GFP_KERNEL/'
mutation watch-flood watch common/watch.c \
	's/return !watch->nr_pending/return true/'
mutation watch-hears watch common/watch.c \
	's/watched->xdev = NULL;/;/'
mutation watch-each watch common/watch.c 's/if (!watching)$/if (1)/'
mutation watch-alike watch common/watch.c "s/ && (!path\[len\] || path\[len\] == '\/')//"
mutation memory-not-pinned ring common/ring.c \
	's/err = pin_pages(xdev, \&pins, ring->gref, pages);/err = pin_pages(xdev, \&pins, ring->gref, 0);/'
mutation own-state-ahead xenbus_state common/xenbus_state.c \
	's/if (!watching)$/if (1)/'
mutation own-state-behind xenbus_state common/xenbus_state.c \
	's/^\t\txdev->xbdev->state = state;//'
mutation own-state-stale xenbus_state common/xenbus_state.c \
	'/^void xpv_xenbus_state_forget/,/^}/s/list_del_init.*/;/'
mutation liar-floods violation common/violation.c \
	's/if (__ratelimit(&xdev->ratelimit))/if (1)/'

# The block backend
mutation affinity-hasty blkback_affinity drivers/blkback/affinity.h \
	's/if (affinity->count <= needed)/if (needed \&\& affinity->count < 2)/'
mutation affinity-for-ever blkback_affinity drivers/blkback/affinity.h \
	's/if (affinity->count < BLKBACK_AFFINITY_RETRY)/if (1)/'
mutation affinity-unjudged blkback_affinity drivers/blkback/affinity.h \
	's/return time \* affinity->unpinned_nr > /return !nr \&\& time > /'
mutation affinity-stubborn blkback_affinity drivers/blkback/affinity.h 's/min(4 \* affinity->pin_after/min(1 * affinity->pin_after/'
mutation poll-in-vain blkback_poll drivers/blkback/poll.h \
	's/^\t\tpoll->skip = poll->backoff;/\t\tpoll->skip = 0;/'
mutation poll-no-luck blkback_poll drivers/blkback/poll.h \
	's/^\tpoll->backoff = 0;/\t;/'
mutation poll-for-ever blkback_poll drivers/blkback/poll.h 's/^\t\twindow = 0;/\t\twindow = max_ns;/'
mutation abi-last-sector blkback_abi drivers/blkback/abi.c \
	's/last >= BLKBACK_PAGE_SECTORS/last > BLKBACK_PAGE_SECTORS/'
mutation abi-padding blkback_abi drivers/blkback/abi.c \
	'/memset(raw, 0, sizeof(\*raw));/d'
mutation abi-end blkback_abi drivers/blkback/abi.c \
	's/op->sector > limits->capacity - op->sectors/op->sector + op->sectors > limits->capacity/'
mutation abi-indirect-count blkback_abi drivers/blkback/abi.c \
	's/op->nr_segs > most/op->nr_segs > most + 1/'
mutation abi-indirect-inner blkback_abi drivers/blkback/abi.c \
	's/limits->max_segs && op->code <= BLKBACK_OP_WRITE/limits->max_segs/'
mutation abi-discard-secure blkback_abi drivers/blkback/abi.c \
	's/op->secure ? limits->secure : limits->discard/limits->discard/'
mutation abi-discard-mode blkback_abi drivers/blkback/abi.h \
	's/ || op->code == BLKBACK_OP_DISCARD//'
mutation discard-granule blkback_discard drivers/blkback/discard.h \
	's/return whole - past/return whole/'
mutation discard-empty blkback_discard drivers/blkback/discard.h \
	's/whole = max(piece, granule->size)/whole = piece/'
mutation bucket-debt blkback_ratelimit common/token_bucket.h \
	's/max(bucket->paid, now) +/now +/'
mutation bucket-credit blkback_ratelimit common/token_bucket.h \
	's/max(bucket->paid, now) +/bucket->paid +/'
mutation blkback-rate-tighter blkback_ratelimit drivers/blkback/ratelimit.c \
	's/wait = max(/wait = min(/'
mutation drain-begins-early blkback_drain drivers/blkback/drain.c \
	's/return !atomic_read(&drain->in_flight);/return true;/'
mutation drain-silent blkback_drain drivers/blkback/drain.c \
	's/return READ_ONCE(drain->drainer);/return NULL;/'
mutation drain-told-early blkback_drain drivers/blkback/drain.c \
	's/if (atomic_sub_return(nr, &drain->in_flight))/atomic_sub_return(nr, \&drain->in_flight); if (0)/'
mutation drain-open blkback_drain drivers/blkback/drain.c \
	's/return likely(!drainer) || drainer == queue;/return drainer || true;/'
mutation drain-shut-out blkback_drain drivers/blkback/drain.c \
	's/ || drainer == queue;/;/'
mutation drain-two blkback_drain drivers/blkback/drain.c \
	's/if (drainer \&\& drainer != queue)/if (drainer \&\& 0)/'
mutation drain-ended-by-others blkback_drain drivers/blkback/drain.c \
	's/if (READ_ONCE(drain->drainer) != queue)/if (0)/'
mutation drain-endless blkback_drain drivers/blkback/drain.c \
	'/smp_store_release(&drain->drainer, NULL);/d'
mutation domain-apart blkback_grant_limit drivers/blkback/grant_limit.c \
	's/if (domain->id == id)/if (0)/'
mutation domain-shared blkback_grant_limit drivers/blkback/grant_limit.c \
	's/if (domain->id == id)/if (1)/'
mutation domain-freed-early blkback_grant_limit drivers/blkback/grant_limit.c \
	's/if (!--domain->users)/if (domain->users--)/'
mutation share-unbounded blkback_grant_limit drivers/blkback/grant_limit.c \
	's/if (atomic_sub_return(nr, &share->domain->free_pages) < 0)/if (atomic_sub_return(nr, \&share->domain->free_pages), 0)/'
mutation share-lost blkback_grant_limit drivers/blkback/grant_limit.c \
	'/atomic_add(nr, &share->domain->free_pages);/d'
mutation share-whole-steps blkback_grant_limit drivers/blkback/grant_limit.c \
	's/^\t       take_pages(share, missing);/\t       false;/'
mutation share-trim-used blkback_grant_limit drivers/blkback/grant_limit.c \
	's/spare = share->held - share->used;/spare = share->held;/'
mutation share-excess blkback_grant_limit drivers/blkback/grant_limit.h \
	's/> 2 \* BLKBACK_SHARE_STEP/> 3 * BLKBACK_SHARE_STEP/'
mutation share-exceed-free blkback_grant_limit drivers/blkback/grant_limit.c \
	'/atomic_sub(missing, &share->domain->free_pages);/d'
mutation inline-always blkback_inline drivers/blkback/inline.h \
	's/if (!READ_ONCE(in->allowed))/if (0)/' 's/if (in->allowed)/if (1)/'
mutation inline-once blkback_inline drivers/blkback/inline.h \
	's/\tif (in->allowed)$/\tif (1)/'
mutation inline-never blkback_inline drivers/blkback/inline.h \
	's/WRITE_ONCE(in->allowed, allowed);/WRITE_ONCE(in->allowed, false);/'
mutation inline-not-said blkback_inline drivers/blkback/inline.h \
	's/served = serve(arg);/serve(arg), served = true;/'
mutation inline-unlocked blkback_inline drivers/blkback/inline.h \
	'/spin_lock_irqsave(&in->lock, flags);/d' 's/spin_unlock_irqrestore(&in->lock, flags);/(void)flags;/'

# The block frontend
mutation nodes-greedy blkfront_nodes drivers/blkfront/nodes.c \
	's|: left / 4;|: left;|'
mutation nodes-no-budget blkfront_nodes drivers/blkfront/nodes.c \
	's/left -= nodes->held;//'
mutation nodes-kept blkfront_nodes drivers/blkfront/nodes.c \
	's/left += nodes->held;//'
mutation nodes-given-twice blkfront_nodes drivers/blkfront/nodes.c \
	's/^\tnodes->held = 0;//'
mutation nodes-not-refused blkfront_nodes drivers/blkfront/nodes.c \
	's/nodes->refused ? 0 : //'
mutation nodes-uncounted blkfront_nodes drivers/blkfront/nodes.c \
	's/(nodes + 1) + 1;/nodes;/'
mutation nodes-rings-first blkfront_nodes drivers/blkfront/nodes.c \
	's/while (\*order \&\& extra(\*rings, \*order) > share)/while (0)/'

# The network backend
mutation from-guest-one-refused netback_from_guest drivers/netback/from_guest.c \
	's/while (slots--)/if (slots--)/'
mutation from-guest-failed-copy netback_from_guest drivers/netback/from_guest.c \
	's/if (!all_copied(copy, pending->copies))/if (!all_copied(copy, pending->copies) \&\& 0)/'
mutation from-guest-over-budget netback_from_guest drivers/netback/from_guest.c \
	's/while (n < budget \&\& fg/while (fg/'
mutation from-guest-gathered-stay netback_from_guest drivers/netback/from_guest_skb.c \
	's/fg->nr_copies = before;/(void)before;/'
mutation from-guest-copy-crosses netback_from_guest drivers/netback/from_guest_skb.c \
	's/part = min(part, xpv_copy_room(to, from));/;/'
mutation from-guest-no-limit netback_from_guest drivers/netback/from_guest.c \
	's/fg->no_credit = wait;/wait = 0;/'
mutation to-guest-failed-copy netback_to_guest_place drivers/netback/to_guest_place.c \
	's/if (!xpv_copy_ok(&tg->copies\[i\]))/if (0)/'
mutation to-guest-any-kind netback_to_guest_place drivers/netback/to_guest_place.c \
	's/return !(wanted & ~READ_ONCE(nb->supported));/return true;/'
mutation to-guest-pieces netback_to_guest_place drivers/netback/to_guest_place.c \
	's/DIV_ROUND_UP(offset + len, NETBACK_GRANT_SIZE)/1 + 0 * offset/'
mutation to-guest-extras-end netback_to_guest_place drivers/netback/to_guest_place.c \
	's/if (--p->extras)/if (0)/'
mutation tx-crossing netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/first->offset + pkt->rest > NETBACK_GRANT_SIZE/first->offset > NETBACK_GRANT_SIZE/'
mutation tx-crossing-further netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/else if (req->offset + req->size > NETBACK_GRANT_SIZE)/else if (0)/'
mutation tx-crossing-kept netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/^	pkt->expect = NETBACK_EXPECT_FIRST;/	if (!pkt->why) pkt->expect = NETBACK_EXPECT_FIRST;/'
mutation tx-empty-frag netback_from_guest_parse drivers/netback/from_guest_parse.c \
	'/if (!req->size)/,+1d'
mutation tx-overfull netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/else if (req->size > pkt->rest)/else if (0)/'
mutation tx-19-slots netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/if (pkt->seen > NETBACK_PACKET_SLOTS)$/if (pkt->seen > NETBACK_PACKET_SLOTS + 1)/'
mutation tx-endless-extras netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/pkt->extras == NETBACK_PACKET_EXTRAS/0/'
mutation tx-page-in-use netback_from_guest_pages drivers/netback/from_guest_pages.c \
	's/page_count(page) == 1 \&\& //'
mutation tx-page-blocks netback_from_guest_pages drivers/netback/from_guest_pages.c \
	's/ \&\& pages->nr < NETBACK_PAGES_MAX//'
mutation tx-page-distant netback_from_guest_pages drivers/netback/from_guest_pages.c \
	's/ \&\& dev_page_is_reusable(page)//'
mutation tx-page-kept netback_from_guest_pages drivers/netback/from_guest_pages.c \
	's/netback_pages_trim(pages, 0);//'
mutation rx-headroom-forgotten netback_to_guest_slots drivers/netback/to_guest_slots.h \
	's/(headroom + len + NETBACK_GRANT_SIZE - 1)/(len + NETBACK_GRANT_SIZE - 1)/'
mutation rx-extras netback_to_guest_slots drivers/netback/to_guest_slots.c \
	's/plan->slots += plan->extras/plan->slots += !!plan->extras/'
mutation rx-apart netback_to_guest_slots drivers/netback/to_guest_slots.c \
	's/packed > 1 \&\& !shape->headroom/packed > 1/'
mutation front-headroom-twice netfront_headroom drivers/netfront/headroom.h \
	's/!told || offset/!told/'
mutation front-headroom-short netfront_headroom drivers/netfront/headroom.h \
	's/len < told/len + 1 < told/'
mutation tx-hash-kept netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/memset(pkt, 0, offsetof(struct netback_packet, slot));/memset(pkt, 0, 4);/'
mutation tx-hash-any-kind netback_from_guest_parse drivers/netback/from_guest_parse.c \
	's/type > _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP/type > 7/'
mutation hash-bit-order netback_hash drivers/netback/hash.c \
	's/pos \* 4 + 3 - bit/pos * 4 + bit/'
mutation hash-short-key netback_hash drivers/netback/hash.c 's/i < 5; i++, at++/i < 4; i++, at++/'
mutation hash-options netback_hash drivers/netback/hash.c \
	's/flow->ports = ip + header;/flow->ports = ip + V4_HEADER;/'
mutation hash-fragments netback_hash drivers/netback/hash.c 's/0x3fff/0x1fff/'
mutation hash-short-ports netback_hash drivers/netback/hash.c \
	's/len >= header + PORTS_LEN/len >= header/'
mutation hash-short-v6 netback_hash drivers/netback/hash.c 's/len < V6_HEADER/len < V4_HEADER/'
mutation hash-unwanted netback_hash drivers/netback/hash.c \
	's/flow.ports \&\& hash->flags \& (1 << tcp)/flow.ports/'
mutation hash-many-tags netback_hash drivers/netback/hash.c 's/tags <= 2/tags <= 3/'
mutation hash-lost-queue netback_hash drivers/netback/hash.c \
	's/return queue < nr ? queue : 0;/return queue;/'
mutation ctrl-key-long netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/len > NETBACK_HASH_KEY_SIZE/len > NETBACK_HASH_KEY_SIZE + 1/'
mutation ctrl-key-remains netback_ctrl_msg drivers/netback/ctrl_msg.c \
	'/memset(config->key, 0/d'
mutation ctrl-mapping-wraps netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/offset > config->size || len > config->size - offset/offset + len > config->size/'
mutation ctrl-mapping-long netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/len > NETBACK_HASH_MAX_MAPPING/(u16)len > NETBACK_HASH_MAX_MAPPING/'
mutation ctrl-mapping-queue netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/queue\[i\] >= nr_queues/queue[i] > nr_queues/'
mutation ctrl-mapping-late netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/if (queue\[i\] >= nr_queues)/if (config->mapping[offset + i] = queue[i], queue[i] >= nr_queues)/'
mutation ctrl-table-remains netback_ctrl_msg drivers/netback/ctrl_msg.c \
	'/memset(config->mapping, 0/d'
mutation ctrl-size-bound netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/req->data\[0\] <= NETBACK_HASH_MAX_MAPPING/req->data[0] <= 129/'
mutation ctrl-flags-any netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/!(flags \& ~NETBACK_HASH_TYPES)/1/'
mutation ctrl-algorithm-any netback_ctrl_msg drivers/netback/ctrl_msg.c \
	's/alg == XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ?/alg < 256 ?/'
mutation flow-ports-alone netfront_flow drivers/netfront/flow.c \
	's/if (result != fields)/if (!result \&\& fields)/'
mutation flow-ports-stay netfront_flow drivers/netfront/flow.c '/wanted &= ~kind.tcp;/d'
mutation flow-any-sets-ip netfront_flow drivers/netfront/flow.c \
	's/bool general = .*/bool general = true;/'
mutation front-ctrl-page netfront_ctrl drivers/netfront/ctrl.c \
	's/if (ctrl->in_flight)/if (0)/'
mutation front-ctrl-forever netfront_ctrl drivers/netfront/ctrl.c \
	's/left = ctrl->deadline - jiffies;/left = TIMEOUT_SECONDS * HZ;/'
mutation front-ctrl-no-eoi netfront_ctrl drivers/netfront/ctrl.c \
	'/xpv_queue_eoi(&ctrl->base, 0, false);/d'
mutation front-ctrl-any-id netfront_ctrl drivers/netfront/ctrl.c \
	's/rsp->id != ctrl->id || //'
mutation front-ctrl-any-type netfront_ctrl drivers/netfront/ctrl.c \
	's/ || rsp->type != ctrl->type//'
mutation front-ctrl-deaf netfront_ctrl drivers/netfront/ctrl.c \
	'/^[[:space:]]*is_stopped(ctrl), left/s/is_stopped(ctrl)/0/'
mutation front-ctrl-told-often netfront_ctrl drivers/netfront/ctrl.c \
	's/ctrl->timed_out = true;/;/'
mutation front-ctrl-keys-left netfront_ctrl drivers/netfront/ctrl.c \
	'/xpv_own_remove(nf->xdev, xbt, "event-channel-ctrl");/d'
mutation front-ctrl-leak netfront_ctrl drivers/netfront/ctrl.c \
	'/^void netfront_ctrl_create/,/^}/{/netfront_ctrl_destroy(nf);/d;}'
mutation trusted-junk xenstore common/xenstore.c \
	'/^bool xpv_backend_trusted/,/^}/s/return false;/return true;/'
mutation trusted-not-written xenstore common/xenstore.c 's/if (err == -ENOENT)/if (0)/'
mutation front-ctrl-rtnl-long netfront_ctrl drivers/netfront/ctrl.c \
	's/deadline = jiffies + RTNL_TIMEOUT_SECONDS \* HZ/deadline = jiffies + TIMEOUT_SECONDS * HZ/'
mutation front-rss-asked-again netfront_rss drivers/netfront/rss.c 's/if (back->ready)/if (0)/'
mutation front-rss-first-answer netfront_rss drivers/netfront/rss.c \
	's/return !table || .*/return true;/' 's/i < nf->rss_shown/i < nf->rss_backend.size/'
mutation front-rss-size-unbound netfront_rss drivers/netfront/rss.c \
	's/min_t(u32, size, NETFRONT_RSS_MAX_TABLE)/size/'
mutation front-rss-messages-on netfront_rss drivers/netfront/rss.c \
	's/err == -ETIMEDOUT || send_config/send_config/'
mutation front-segments-tiny netfront_segments drivers/netfront/segments.h \
	's/size < NETFRONT_MIN_SEGMENT/!size/'
mutation front-segments-one netfront_segments drivers/netfront/segments.h 's/payload <= size ? 0 : size/size/'
mutation front-tx-guess netfront_tx drivers/netfront/tx.c \
	's/if (id >= NETFRONT_RING_SLOTS)/if (0)/'
mutation front-tx-twice netfront_tx drivers/netfront/tx.c \
	's/slot->in_flight = false;/;/'
mutation front-tx-untrusted netfront_tx drivers/netfront/tx.c \
	's/ \&\& !nf->bounce//'
mutation front-tx-any-kind netfront_tx drivers/netfront/tx.c \
	's/return nf->backend_features \& tso;/return tso;/'
mutation front-tx-never-wakes netfront_tx drivers/netfront/tx.c \
	's/netif_tx_wake_queue(txq);/(void)txq;/'
mutation front-tx-first-size netfront_tx drivers/netfront/tx.c \
	's/req.size = w->len;/;/'
mutation front-tx-unasked netfront_tx_event drivers/netfront/tx_event.h '/xpv_slots_lower_rsp_event(s, s->prod);/d'
mutation front-tx-eager netfront_tx_event drivers/netfront/tx_event.h \
	's/return max(half, NETFRONT_TX_LAZY_RSPS)/return half/'
mutation front-tx-last-look netfront_tx_event drivers/netfront/tx_event.h \
	's/while (now != READ_ONCE(\*urgent))/while (0)/'
mutation await-by-never netfront_tx_event common/ring_slots.h \
	's/(s32)(READ_ONCE(s->shared->rsp_event) - index) > 0/0/'
mutation rate-burst netback_ratelimit drivers/netback/ratelimit.c \
	's/rate->burst = .*/rate->burst = 0 * burst;/'
mutation rate-period netback_ratelimit drivers/netback/ratelimit.c \
	's/usec \* NSEC_PER_USEC;/usec;/'

echo "1..$count"
echo "$((count - missed)) passed, $missed failed"
[ "$missed" -eq 0 ]

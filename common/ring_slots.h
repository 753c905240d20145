/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A shared ring's slots and indices: the one place where memory that a peer
 * can change at any time is read or written.
 *
 * The layout is that of DEFINE_RING_TYPES() in include/xen/interface/io/ring.h
 * for any slot size, so that one set of functions serves blkif's three layouts
 * and netif's rings. A consumer gets private copies only; no function returns
 * a pointer into the ring (XSA-155).
 *
 * Pure but for memory barriers; compiled into the unit tests as it stands.
 *
 * Locking: none here. Each ring end has one producer and one consumer side;
 * callers serialise each of them.
 */
#ifndef XPV_RING_SLOTS_H
#define XPV_RING_SLOTS_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

/* The shared page's header; slots follow at byte 64. */
struct xpv_sring {
	u32 req_prod;
	u32 req_event;
	u32 rsp_prod;
	u32 rsp_event;
	u8 pad[48];
	u8 slots[];
};

/**
 * struct xpv_slots - our end of a ring
 * @shared: the ring, or NULL while there is none
 * @nr: slots, a power of two
 * @size: bytes from one slot to the next
 * @prod: our producer index: requests put (front), responses put (back)
 * @cons: our consumer index: responses taken (front), requests taken (back)
 * @pushed: @prod as the peer was last shown it
 *
 * The indices are private and never read back from @shared, where the peer can
 * write over them.
 */
struct xpv_slots {
	struct xpv_sring *shared;
	u32 nr;
	u32 size;
	u32 prod;
	u32 cons;
	u32 pushed;
};

/**
 * xpv_slots_count() - slots that fit a ring
 * @bytes: size of the shared memory, header included
 * @size: bytes per slot
 *
 * Return: the count, rounded down to a power of two as ring.h does; 0 where
 * not even one fits.
 */
static inline u32 xpv_slots_count(size_t bytes, u32 size)
{
	u32 fit, nr = 1;

	if (!size || bytes < sizeof(struct xpv_sring) + size)
		return 0;
	fit = (bytes - sizeof(struct xpv_sring)) / size;
	while (nr <= fit / 2)
		nr *= 2;
	return nr;
}

/**
 * xpv_slots_init_front() - start an empty ring, as the frontend does
 * @s: our end
 * @shared: zeroed memory that is not shared yet
 * @bytes: its size
 * @size: bytes per slot
 */
static inline void xpv_slots_init_front(struct xpv_slots *s, void *shared,
					size_t bytes, u32 size)
{
	s->shared = shared;
	s->nr = xpv_slots_count(bytes, size);
	s->size = size;
	s->prod = 0;
	s->cons = 0;
	s->pushed = 0;
	s->shared->req_prod = 0;
	s->shared->rsp_prod = 0;
	/* The first entry each way is to be announced. */
	s->shared->req_event = 1;
	s->shared->rsp_event = 1;
}

/**
 * xpv_slots_init_back() - attach to a frontend's ring
 * @s: our end
 * @shared: the mapped ring
 * @bytes: its size
 * @size: bytes per slot in the frontend's layout
 *
 * Starts where the last backend stopped answering: a reloaded backend goes on
 * with the requests that its predecessor left in the ring.
 *
 * Return: 0, or -EPROTO where the ring holds more requests than slots.
 */
static inline int xpv_slots_init_back(struct xpv_slots *s, void *shared,
				      size_t bytes, u32 size)
{
	struct xpv_sring *ring = shared;
	u32 start = READ_ONCE(ring->rsp_prod);
	u32 nr = xpv_slots_count(bytes, size);

	if (!nr || READ_ONCE(ring->req_prod) - start > nr)
		return -EPROTO;

	s->shared = ring;
	s->nr = nr;
	s->size = size;
	s->prod = start;
	s->cons = start;
	s->pushed = start;
	return 0;
}

static inline void *xpv_slots_at(const struct xpv_slots *s, u32 index)
{
	return s->shared->slots + (index & (s->nr - 1)) * s->size;
}

/* Front: requests that may still be put. */
static inline u32 xpv_slots_free(const struct xpv_slots *s)
{
	return s->nr - (s->prod - s->cons);
}

/* Back: requests taken and not answered yet. */
static inline u32 xpv_slots_unanswered(const struct xpv_slots *s)
{
	return s->cons - s->prod;
}

/**
 * xpv_slots_produce() - write the next entry, private until pushed
 * @s: our end; the caller has made sure that there is room
 * @entry: request (front) or response (back)
 * @len: its size, a compile-time constant; at most the slot's
 *
 * A response shorter than its slot leaves the rest of the frontend's own
 * request behind it, never memory of ours (XSA-216).
 */
static __always_inline void xpv_slots_produce(struct xpv_slots *s,
					      const void *entry, size_t len)
{
	memcpy(xpv_slots_at(s, s->prod), entry, len);
	s->prod++;
}

/**
 * xpv_slots_consume() - copy the next entry and consume it
 * @s: our end; the count that xpv_slots_requests() or xpv_slots_responses()
 *     returned covers this entry
 * @entry: private memory
 * @len: entry size, a compile-time constant
 *
 * The barrier keeps the compiler from fetching a field from the ring again
 * later: what was checked is what is used.
 */
static __always_inline void xpv_slots_consume(struct xpv_slots *s, void *entry,
					      size_t len)
{
	memcpy(entry, xpv_slots_at(s, s->cons), len);
	barrier();
	s->cons++;
}

static inline bool xpv_slots_push(struct xpv_slots *s, u32 *index,
				  const u32 *event)
{
	u32 old = s->pushed;
	u32 new = s->prod;

	/*
	 * Before the index: where our consumer runs beside us, an answer that
	 * is fast must not meet the old value.
	 */
	WRITE_ONCE(s->pushed, new);
	virt_wmb();	/* the entries before the index */
	WRITE_ONCE(*index, new);
	virt_mb();	/* the index before reading the peer's threshold */
	return new - READ_ONCE(*event) < new - old;
}

/**
 * xpv_slots_push_requests() - show the backend what was put
 * @s: front end of a ring
 *
 * Return: true when the backend asked to be notified of one of these.
 */
static inline bool xpv_slots_push_requests(struct xpv_slots *s)
{
	return xpv_slots_push(s, &s->shared->req_prod, &s->shared->req_event);
}

/**
 * xpv_slots_push_responses() - show the frontend what was put
 * @s: back end of a ring
 *
 * Return: true when the frontend asked to be notified of one of these.
 */
static inline bool xpv_slots_push_responses(struct xpv_slots *s)
{
	return xpv_slots_push(s, &s->shared->rsp_prod, &s->shared->rsp_event);
}

/**
 * xpv_slots_requests() - requests waiting to be taken
 * @s: back end of a ring
 *
 * Reads the producer index once. A frontend may have no more requests under
 * way, taken or not, than the ring has slots; an index that claims more, or
 * that went backwards, is a violation (CVE-2010-4247, CVE-2013-0216).
 *
 * Return: their number, or -EPROTO.
 */
static inline int xpv_slots_requests(const struct xpv_slots *s)
{
	u32 waiting = READ_ONCE(s->shared->req_prod) - s->cons;

	if (waiting > s->nr - xpv_slots_unanswered(s))
		return -EPROTO;
	virt_rmb();	/* the index before the entries */
	return waiting;
}

/**
 * xpv_slots_responses() - responses waiting to be taken
 * @s: front end of a ring
 *
 * Return: their number, or -EPROTO where the backend claims more than there
 * are requests under way.
 */
static inline int xpv_slots_responses(const struct xpv_slots *s)
{
	u32 waiting = READ_ONCE(s->shared->rsp_prod) - s->cons;

	virt_rmb();	/* the index before what was pushed, and the entries */
	if (waiting > READ_ONCE(s->pushed) - s->cons)
		return -EPROTO;
	return waiting;
}

/**
 * xpv_slots_final_check_requests() - ask to be notified of a request
 * @s: back end of a ring
 * @ahead: 1 for the next request, n for the n-th from now
 *
 * Return: requests that came in meanwhile and for which no notification need
 * come any more, or -EPROTO.
 */
static inline int
xpv_slots_final_check_requests(struct xpv_slots *s, u32 ahead)
{
	WRITE_ONCE(s->shared->req_event, s->cons + ahead);
	virt_mb();	/* our threshold before the final check */
	return xpv_slots_requests(s);
}

/**
 * xpv_slots_final_check_responses() - ask to be notified of a response
 * @s: front end of a ring
 * @ahead: 1 for the next response, n for the n-th from now
 *
 * Return: responses that came in meanwhile, or -EPROTO. With @ahead above 1 a
 * caller that gets fewer than @ahead may sleep on.
 */
static inline int
xpv_slots_final_check_responses(struct xpv_slots *s, u32 ahead)
{
	WRITE_ONCE(s->shared->rsp_event, s->cons + ahead);
	virt_mb();	/* our threshold before the final check */
	return xpv_slots_responses(s);
}

/**
 * xpv_slots_lower_rsp_event() - ask for an event by a certain response
 * @s: front end of a ring
 * @index: that response's number, counting from 1; its request is not shown to
 *	   the backend yet
 *
 * For the one who puts requests, beside a consumer that may ask for a later
 * event at the same time: that one says what it goes by, asks, and looks once
 * more whether it still holds; the caller changes that before.
 */
static inline void xpv_slots_lower_rsp_event(struct xpv_slots *s, u32 index)
{
	virt_mb();	/* what the consumer goes by, before its threshold */
	if ((s32)(READ_ONCE(s->shared->rsp_event) - index) > 0)
		WRITE_ONCE(s->shared->rsp_event, index);
}

#endif /* XPV_RING_SLOTS_H */

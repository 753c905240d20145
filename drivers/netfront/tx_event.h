/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For which of the backend's responses an event is asked for (rsp_event).
 *
 * The response of a packet whose pages are granted is urgent: until it comes
 * the packet is charged to its socket. A packet that was copied is freed at
 * once; its response returns a slot and bytes of the queue's BQL limit, which
 * matter only when they run short.
 *
 * Pure, and compiled into the unit tests as it stands.
 */
#ifndef NETFRONT_TX_EVENT_H
#define NETFRONT_TX_EVENT_H

#include <linux/minmax.h>

#include "xpv.h"

/*
 * Responses per event while none is urgent: each costs a sixteenth of an event.
 * More would save little, and have BQL let more bytes into the ring.
 */
#define NETFRONT_TX_LAZY_RSPS 16U

/**
 * netfront_tx_event_distance() - which answer from now the next event is to
 * come with
 * @cons: answers taken so far
 * @pushed: requests shown to the backend so far
 * @urgent: responses before this index are urgent
 *
 * Half of what is under way: freeing packets can wait that long, and as the
 * requests are out, the event does come. Where nobody waits it need not come.
 *
 * Return: 1 for the next answer.
 */
static inline u32 netfront_tx_event_distance(u32 cons, u32 pushed, u32 urgent)
{
	u32 half = (pushed - cons) / 2 + 1;

	if ((s32)(urgent - cons) > 0)
		return half;
	return max(half, NETFRONT_TX_LAZY_RSPS);
}

/**
 * netfront_tx_event_for_last() - somebody waits for the answers of all that was
 * put
 * @s: front end of the ring; what was put last is not shown to the backend yet
 * @urgent: where netfront_tx_set_rsp_event() reads that
 *
 * Context: the transmitter.
 */
static inline void netfront_tx_event_for_last(struct xpv_slots *s, u32 *urgent)
{
	WRITE_ONCE(*urgent, s->prod);
	xpv_slots_lower_rsp_event(s, s->prod);
}

/**
 * netfront_tx_set_rsp_event() - ask for the next event
 * @s: front end of the ring
 * @urgent: see netfront_tx_event_for_last()
 *
 * Context: who takes the answers; the transmitter may run beside it.
 * Return: as xpv_slots_final_check_responses(), but 0 where an event will come
 * for what is there already.
 */
static inline int netfront_tx_set_rsp_event(struct xpv_slots *s,
					    const u32 *urgent)
{
	u32 ahead, now;
	int waiting;

	/*
	 * Either we see what the transmitter says, or it sees our threshold.
	 * Ends, as it has no more slots than the ring while none is taken.
	 */
	do {
		now = READ_ONCE(*urgent);
		ahead = netfront_tx_event_distance(s->cons,
						   READ_ONCE(s->pushed), now);
		waiting = xpv_slots_final_check_responses(s, ahead);
	} while (now != READ_ONCE(*urgent));
	return waiting >= 0 && waiting < ahead ? 0 : waiting;
}

#endif /* NETFRONT_TX_EVENT_H */

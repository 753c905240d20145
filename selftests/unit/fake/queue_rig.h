/* SPDX-License-Identifier: GPL-2.0 */
/* Queues as drivers have them, at both ends of one device. */
#ifndef FAKE_QUEUE_RIG_H
#define FAKE_QUEUE_RIG_H

#include "fake.h"

/* How often each ring's event callback ran, in whichever end. */
static unsigned int events[XPV_QUEUE_MAX_RINGS];
static bool events_with_irqs_on;

static inline void note_event(struct xpv_queue *q, unsigned int ring)
{
	events[ring]++;
	events_with_irqs_on |= !fake_irqs_off;
}

/* A block queue. */
static const struct xpv_queue_type block_type = {
	.nr_rings = 1,
	.ring = {
		{ .ref_key = "ring-ref", .suffix = "", .slot_size = 112 },
	},
	.multi_page = true,
	.event = note_event,
};

/* A network queue. */
static const struct xpv_queue_type net_type = {
	.nr_rings = 2,
	.ring = {
		{ "tx-ring-ref", "event-channel-tx", "-tx", 12 },
		{ "rx-ring-ref", "event-channel-rx", "-rx", 8 },
	},
	.event = note_event,
};

/* A network device's control ring: beside its queues, whatever their layout. */
static const struct xpv_queue_type ctrl_type = {
	.nr_rings = 1,
	.ring = {
		{ .ref_key = "ctrl-ring-ref", .suffix = "", .slot_size = 16 },
	},
	.evtchn_key = "event-channel-ctrl",
	.event = note_event,
};

static struct fake_device front, back;
/* The frontend's queue and the backend's. */
static struct xpv_queue fq, bq;

static inline void queue_rig_init(const struct xpv_queue_type *type,
				  unsigned int index)
{
	memset(&fq, 0, sizeof(fq));
	memset(&bq, 0, sizeof(bq));
	xpv_queue_init(&fq, &front.xdev, type, index);
	xpv_queue_init(&bq, &back.xdev, type, index);
}

static inline int queue_rig_setup(void **state)
{
	fake_setup(state);
	memset(events, 0, sizeof(events));
	events_with_irqs_on = false;
	fake_device_init(&front, XPV_FRONT);
	fake_device_init(&back, XPV_BACK);
	queue_rig_init(&block_type, 0);
	return 0;
}

static inline const char *front_key(const char *key)
{
	return fake_xs_get(FAKE_FRONT_DIR, key);
}

/* Whether @key of the frontend holds @number. */
static inline void assert_key(const char *key, u32 number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	assert_non_null(front_key(key));
	assert_string_equal(front_key(key), text);
}

#define queue_test(f) \
	cmocka_unit_test_setup_teardown(f, queue_rig_setup, fake_teardown)

#endif /* FAKE_QUEUE_RIG_H */

// SPDX-License-Identifier: GPL-2.0
/* Messages and their answers, from backends of all kinds: netfront/ctrl.c. */
#include <xen/interface/io/netif.h>

#include "fake.h"
#include "queue_rig.h"
#include "netfront/netfront.h"

/* As ctrl.c has them. */
#define PATIENCE (5 * HZ)
#define RTNL_PATIENCE (2 * HZ)

union entry {
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response rsp;
};

static const struct xpv_feature rows[NETFRONT_NR_FEATURES] = {
	[NETFRONT_CTRL] = { .key = "feature-ctrl-ring", .writer = XPV_BACK },
};

static struct netfront nf;

/* The backend: what it does after so many jiffies, and what it saw last. */
static struct {
	unsigned int delay;
	unsigned int answers;	/* to each message */
	unsigned int slept;
	u16 id_off, type_off;
	u32 status;
	struct xen_netif_ctrl_request req;
	u32 seen;
} back_end;

static void serve(void)
{
	struct xpv_slots *s = &bq.ring[0].slots;
	union entry entry;
	unsigned int i;

	back_end.slept++;
	if (back_end.slept < back_end.delay || !xpv_slots_requests(s))
		return;
	back_end.slept = 0;
	xpv_slots_consume(s, &entry, sizeof(entry));
	back_end.req = entry.req;
	if (entry.req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_KEY)
		memcpy(&back_end.seen, page_address(nf.ctrl.page), 4);
	for (i = 0; i < back_end.answers; i++) {
		memset(&entry, 0, sizeof(entry));
		entry.rsp.id = back_end.req.id + back_end.id_off;
		entry.rsp.type = back_end.req.type + back_end.type_off;
		entry.rsp.status = back_end.status;
		entry.rsp.data = back_end.req.data[0] + 1000;
		xpv_slots_produce(s, &entry, sizeof(entry));
	}
	if (xpv_slots_push_responses(s))
		fake_fire(nf.ctrl.base.evtchn[0].irq);
}

static int setup(void **state)
{
	queue_rig_setup(state);
	memset(&nf, 0, sizeof(nf));
	memset(&back_end, 0, sizeof(back_end));
	back_end.answers = 1;
	front.drv.features = rows;
	front.drv.nr_features = NETFRONT_NR_FEATURES;
	front.xdev.peer[NETFRONT_CTRL] = 1;
	nf.xdev = &front.xdev;
	netfront_ctrl_init(&nf);
	return 0;
}

/* As connect.c does it, with a backend that has attached. */
static void open(void)
{
	netfront_ctrl_create(&nf);
	assert_true(xpv_queue_connected(&nf.ctrl.base));
	assert_int_equal(netfront_ctrl_publish(&nf, NULL), 0);
	netfront_ctrl_start(&nf);
	queue_rig_init(&ctrl_type, 0);
	assert_int_equal(xpv_queue_attach(&bq, 1, 0, NULL, "back"), 0);
	fake_sleeping = serve;
}

static void end(void)
{
	netfront_ctrl_stop(&nf);
	netfront_ctrl_destroy(&nf);
	xpv_queue_destroy(&bq);
	fake_assert_nothing_live();
}

/* One message, alone under the lock. */
static int say(u16 type, u32 number, u32 *answer)
{
	struct netfront_ctrl_msg msg = { .type = type, .data = { number } };
	int err;

	netfront_ctrl_lock(&nf);
	err = netfront_ctrl_send(&nf, &msg);
	netfront_ctrl_unlock(&nf);
	if (answer)
		*answer = msg.result;
	return err;
}

static int say_key(u32 word)
{
	struct netfront_ctrl_msg msg = {
		.type = XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, .payload = &word,
		.len = sizeof(word), .data = { 0, 40 },
	};
	int err;

	netfront_ctrl_lock(&nf);
	err = netfront_ctrl_send(&nf, &msg);
	netfront_ctrl_unlock(&nf);
	return err;
}

/* More than the ring has slots, from backends quick and slow. */
static void conversation(void **state)
{
	unsigned int i;
	u32 answer;

	open();
	assert_key("ctrl-ring-ref", nf.ctrl.base.ring[0].gref[0]);
	assert_key("event-channel-ctrl", nf.ctrl.base.evtchn[0].port);
	for (i = 0; i < 300; i++) {
		back_end.delay = i % 7;
		assert_int_equal(say(2, i, &answer), 0);
		assert_int_equal(back_end.req.data[0], i);
		assert_int_equal(answer, i + 1000);
	}
	end();
}

/* Fails when a message is sent before there is a ring, or after. */
static void no_ring(void **state)
{
	unsigned long before = jiffies;

	front.xdev.peer[NETFRONT_CTRL] = 0;
	fake_xs_set(FAKE_FRONT_DIR, "ctrl-ring-ref", "9");
	fake_xs_set(FAKE_FRONT_DIR, "event-channel-ctrl", "9");
	netfront_ctrl_create(&nf);
	assert_int_equal(netfront_ctrl_publish(&nf, NULL), 0);
	/* Fails when those of a connection before are left. */
	assert_null(front_key("ctrl-ring-ref"));
	assert_null(front_key("event-channel-ctrl"));
	netfront_ctrl_start(&nf);
	assert_int_equal(say(1, 0, NULL), -EOPNOTSUPP);
	netfront_ctrl_stop(&nf);
	netfront_ctrl_destroy(&nf);

	front.xdev.peer[NETFRONT_CTRL] = 1;
	open();
	netfront_ctrl_stop(&nf);
	assert_int_equal(say(1, 0, NULL), -EOPNOTSUPP);
	end();
	assert_int_equal(jiffies, before);
}

/* Whatever cannot be had: done without, and nothing is left. */
static void cannot_be_made(void **state)
{
	unsigned int step, lines;

	for (step = 1; ; step++) {
		lines = fake_log_lines();
		fake_fail_step(step);
		netfront_ctrl_create(&nf);
		if (!fake_step_done())
			break;
		/* References are asked for a second time. */
		if (fake_log_lines() == lines)
			netfront_ctrl_destroy(&nf);
		fake_assert_nothing_live();
	}
	assert_true(step > 4);
	fake_fail_step(0);
	assert_true(xpv_queue_connected(&nf.ctrl.base));
	netfront_ctrl_destroy(&nf);
}

static void refused(void **state)
{
	static const int err[] = { 0, -EOPNOTSUPP, -EINVAL, -E2BIG, -EIO };
	unsigned int i;

	open();
	for (i = 0; i < ARRAY_SIZE(err); i++) {
		back_end.status = i;
		assert_int_equal(say(2, 0, NULL), err[i]);
	}
	assert_false(xpv_broken(&front.xdev));
	end();
}

/* Fails when the page is written while the backend may still look at it. */
static void payload(void **state)
{
	open();
	assert_int_equal(say_key(0x11111111), 0);
	assert_int_equal(back_end.seen, 0x11111111);
	assert_int_equal(back_end.req.data[0], nf.ctrl.ref);
	assert_int_equal(back_end.req.data[1], 40);
	assert_true(fake_gref_granted(nf.ctrl.ref, 0, nf.ctrl.page, true));

	back_end.delay = PATIENCE + 10;
	back_end.slept = 0;
	assert_int_equal(say_key(0x22222222), -ETIMEDOUT);
	assert_int_equal(say_key(0x33333333), -ETIMEDOUT);
	assert_int_equal(back_end.seen, 0x22222222);
	back_end.delay = 0;
	assert_int_equal(say_key(0x44444444), 0);
	assert_int_equal(back_end.seen, 0x44444444);
	end();
}

/* All messages of a change together wait so long, and it is told once. */
static void silence(void **state)
{
	struct netfront_ctrl_msg msg = { .type = 2 };
	unsigned long before = jiffies;
	unsigned int i, lines = fake_log_lines();

	open();
	fake_sleeping = NULL;
	netfront_ctrl_lock(&nf);
	for (i = 0; i < 9; i++)
		assert_int_equal(netfront_ctrl_send(&nf, &msg), -ETIMEDOUT);
	netfront_ctrl_unlock(&nf);
	assert_in_range(jiffies - before, PATIENCE, PATIENCE + 1);
	assert_true(fake_log_has("has not answered control message 2 "));
	assert_int_equal(say(3, 0, NULL), -ETIMEDOUT);
	assert_int_equal(fake_log_lines(), lines + 1);
	/* It was sent once only. */
	assert_int_equal(xpv_slots_requests(&bq.ring[0].slots), 1);

	/* Late, but of use from there on. */
	fake_sleeping = serve;
	assert_int_equal(say(5, 7, NULL), 0);
	assert_int_equal(back_end.req.type, 5);
	end();
}

/* A backend that answers slowly does not make a change last for ever. */
static void slow(void **state)
{
	struct netfront_ctrl_msg msg = { .type = 2 };
	unsigned long before = jiffies;
	unsigned int i;
	int err = 0;

	open();
	back_end.delay = PATIENCE / 3;
	netfront_ctrl_lock(&nf);
	for (i = 0; i < 9 && !err; i++)
		err = netfront_ctrl_send(&nf, &msg);
	netfront_ctrl_unlock(&nf);
	assert_int_equal(err, -ETIMEDOUT);
	assert_in_range(jiffies - before, PATIENCE, PATIENCE + 1);
	end();
}

/*
 * RTNL is held, and others want it: fails when the wait for the lock and that
 * for the answers add up, or either is as long as without.
 */
static unsigned int lock_held;

static void release_later(void)
{
	if (lock_held && !--lock_held)
		netfront_ctrl_unlock(&nf);
}

static void under_rtnl(void **state)
{
	struct netfront_ctrl_msg msg = { .type = 2 };
	unsigned long before = jiffies;
	unsigned int i;

	open();
	fake_sleeping = release_later;
	netfront_ctrl_lock(&nf);
	lock_held = HZ;
	assert_true(netfront_ctrl_lock_rtnl(&nf));
	assert_int_equal(jiffies - before, HZ);
	for (i = 0; i < 9; i++)
		assert_int_equal(netfront_ctrl_send(&nf, &msg), -ETIMEDOUT);
	netfront_ctrl_unlock(&nf);
	assert_in_range(jiffies - before, RTNL_PATIENCE, RTNL_PATIENCE + 1);

	before = jiffies;
	netfront_ctrl_lock(&nf);
	assert_false(netfront_ctrl_lock_rtnl(&nf));
	assert_in_range(jiffies - before, RTNL_PATIENCE, RTNL_PATIENCE + 1);
	netfront_ctrl_unlock(&nf);
	end();
}

/* Events without answers: fails when the one with the answer is lost. */
static void empty_events(void)
{
	fake_fire(nf.ctrl.base.evtchn[0].irq);
	serve();
}

static void events_for_nothing(void **state)
{
	open();
	fake_sleeping = empty_events;
	back_end.delay = 20;
	assert_int_equal(say(2, 0, NULL), 0);
	assert_true(fake_spurious_eois(nf.ctrl.base.evtchn[0].irq) >= 10);
	assert_int_equal(say(2, 0, NULL), 0);
	end();
}

/* The connection ends while somebody waits. */
static void shut_while_waiting(void)
{
	WRITE_ONCE(nf.ctrl.started, false);
}

static void break_while_waiting(void)
{
	set_bit(XPV_BROKEN, &front.xdev.flags);
}

static void ends(void **state)
{
	unsigned long before = jiffies;

	open();
	fake_sleeping = shut_while_waiting;
	assert_int_equal(say(2, 0, NULL), -ENODEV);
	end();
	open();
	fake_sleeping = break_while_waiting;
	assert_int_equal(say(2, 0, NULL), -ENODEV);
	assert_true(jiffies - before < 10);
	end();
}

/* Answers to what was not asked. */
static void liars(void **state)
{
	static const struct {
		u16 id_off, type_off;
		unsigned int answers;
		int first;
	} lie[] = {
		{ 1, 0, 1, -ENODEV }, { 0xffff, 0, 1, -ENODEV },
		{ 0, 1, 1, -ENODEV }, { 0, 0, 2, -ENODEV },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lie); i++) {
		setup(state);
		open();
		back_end.id_off = lie[i].id_off;
		back_end.type_off = lie[i].type_off;
		back_end.answers = lie[i].answers;
		assert_int_equal(say(2, 0, NULL), lie[i].first);
		assert_true(xpv_broken(&front.xdev));
		end();
	}
}

/* Fails when an event brings no update of a stale backend, or one too many. */
static void event_queues_sync(void **state)
{
	struct work_struct *sync = &nf.ctrl.sync;

	open();
	assert_int_equal(sync->queued, 0);
	fake_fire(nf.ctrl.base.evtchn[0].irq);
	assert_int_equal(sync->queued, 1);
	nf.ctrl.stale = false;
	fake_fire(nf.ctrl.base.evtchn[0].irq);
	assert_int_equal(sync->queued, 1);
	end();
}

#define ctrl_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

UNIT_MAIN(ctrl_test(conversation),
	  ctrl_test(no_ring),
	  ctrl_test(cannot_be_made),
	  ctrl_test(refused),
	  ctrl_test(payload),
	  ctrl_test(silence),
	  ctrl_test(slow),
	  ctrl_test(under_rtnl),
	  ctrl_test(events_for_nothing),
	  ctrl_test(ends),
	  ctrl_test(liars),
	  ctrl_test(event_queues_sync))

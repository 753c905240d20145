// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of a ring on two processors: whole conversations that sleep and are
 * notified as the event indices say, and a third party that scribbles.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "fake.h"
#include "rig.h"

#define ENTRIES 1000000

/* A block request's shape, as far as these tests go. */
struct entry {
	u64 stamp;
	u32 count;	/* flipped by the attacker between good and bad */
	u32 check;
	u8 payload[88];
};

static struct rig rig;
static sem_t wake_front, wake_back;
/* Written by one end each, read after the threads are joined. */
static unsigned long front_notified, back_notified;
static const char *failure;

/* cmocka's assertions are for the main thread. */
static void give_up(const char *why)
{
	failure = why;
	sem_post(&wake_front);
	sem_post(&wake_back);
}

/* A notification that is lost shows as an end that sleeps for good. */
static void sleep_on(sem_t *sem, const char *who)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	if (sem_timedwait(sem, &until))
		give_up(who);
}

static void fill(struct entry *entry, u64 stamp)
{
	memset(entry, (int)stamp, sizeof(*entry));
	entry->stamp = stamp;
	entry->count = 1;
	entry->check = stamp * 2654435761U;
}

static bool sound(const struct entry *entry, u64 stamp)
{
	return entry->stamp == stamp &&
	       entry->check == (u32)(stamp * 2654435761U) &&
	       entry->payload[0] == (u8)stamp &&
	       entry->payload[87] == (u8)stamp;
}

/* Answers every request, in bursts, and sleeps when there is none. */
static void *back_end(void *arg)
{
	struct entry entry;
	u64 taken = 0;
	int n;

	while (taken < ENTRIES && !failure) {
		n = xpv_slots_final_check_requests(&rig.back, 1);
		if (n < 0)
			give_up("requests: impossible index");
		if (!n)
			sleep_on(&wake_back, "the back end was not notified");
		while (n-- > 0) {
			xpv_slots_consume(&rig.back, &entry, sizeof(entry));
			if (!sound(&entry, taken))
				give_up("requests: out of sequence");
			xpv_slots_produce(&rig.back, &entry, sizeof(entry));
			taken++;
		}
		if (xpv_slots_push_responses(&rig.back)) {
			front_notified++;
			sem_post(&wake_front);
		}
	}
	return NULL;
}

/* Keeps the ring as full as it can and checks every answer. */
static void *front_end(void *arg)
{
	const u32 *ahead = arg;
	struct entry entry;
	u64 put = 0, answered = 0;
	u32 due;
	int n;

	while (answered < ENTRIES && !failure) {
		for (n = xpv_slots_free(&rig.front); n && put < ENTRIES; n--) {
			fill(&entry, put++);
			xpv_slots_produce(&rig.front, &entry, sizeof(entry));
		}
		if (xpv_slots_push_requests(&rig.front)) {
			back_notified++;
			sem_post(&wake_back);
		}
		/* Never wait for more than is under way. */
		due = min(*ahead, (u32)(put - answered));
		n = xpv_slots_final_check_responses(&rig.front, due);
		if (n < 0)
			give_up("responses: impossible index");
		if (n >= 0 && (u32)n < due)
			sleep_on(&wake_front, "the front end was not notified");
		for (n = xpv_slots_responses(&rig.front); n > 0; n--) {
			xpv_slots_consume(&rig.front, &entry, sizeof(entry));
			if (!sound(&entry, answered))
				give_up("responses: out of sequence");
			answered++;
		}
	}
	return NULL;
}

static void converse(u32 start, u32 ahead)
{
	pthread_t front, back;

	failure = NULL;
	front_notified = 0;
	back_notified = 0;
	sem_init(&wake_front, 0, 0);
	sem_init(&wake_back, 0, 0);
	rig_init_at(&rig, SLOT, start);

	pthread_create(&front, NULL, front_end, &ahead);
	pthread_create(&back, NULL, back_end, NULL);
	pthread_join(front, NULL);
	pthread_join(back, NULL);
	if (failure)
		fail_msg("%s", failure);
	assert_int_equal(rig.ring->req_prod, start + ENTRIES);
	assert_int_equal(rig.ring->rsp_prod, start + ENTRIES);
	/* Both ends gather: nobody is notified of every entry. */
	assert_true(front_notified < ENTRIES);
	assert_true(back_notified < ENTRIES);
	rig_free(&rig);
}

/*
 * A million requests and answers. Fails when an entry is lost, doubled, torn or
 * out of order, or a notification that was due did not come.
 */
static void conversation(void **state)
{
	converse(0, 1);
}

/* The same across 2^32, woken for every 16th answer only. */
static void conversation_ahead(void **state)
{
	converse(-(ENTRIES / 2), 16);
}

/*
 * An attacker on the other processor. Ints: gcc's -fsanitize=bool loses the
 * volatile of a bool.
 */
static pthread_t attacker;
static volatile int attacking;
static volatile unsigned int attacks;

/* Flips one field of every slot, the worst way: 1 passes, 200 does not. */
static void *flip_counts(void *arg)
{
	volatile u32 *count;
	u32 i;

	for (; attacking; attacks++)
		for (i = 0; i < rig.front.nr; i++) {
			count = (volatile u32 *)(rig.ring->slots + i * SLOT +
				offsetof(struct entry, count));
			*count = 200;
			*count = 1;
		}
	return NULL;
}

/* Turns the indices of both ends back and forth. */
static void *flip_indices(void *arg)
{
	volatile u32 *word = (volatile u32 *)rig.ring;
	u32 i;

	for (; attacking; attacks++)
		for (i = 0; i < 4; i++) {
			word[i] += 0x40000000;
			word[i] -= 0x40000000;
		}
	return NULL;
}

static void attack(void *(*how)(void *arg))
{
	rig_init(&rig, SLOT);
	attacking = true;
	attacks = 0;
	assert_int_equal(pthread_create(&attacker, NULL, how, NULL), 0);
}

static void attack_ends(void)
{
	attacking = false;
	pthread_join(attacker, NULL);
	rig_free(&rig);
}

/* Both have to have had their share, on however few processors. */
#define TRIES 300000
#define ATTACKS 10000

/*
 * Stamps stay in sequence while a field flips, and a count that was found good
 * is good when it is used. Fails when take hands out the slot, or the compiler
 * may look at it again: the array's bound breaks (ASan).
 */
static void flipped_field(void **state)
{
	unsigned long hits[8] = { 0 };
	struct entry entry;
	unsigned long bad = 0;
	u64 stamp;

	attack(flip_counts);
	for (stamp = 0; stamp < TRIES || attacks < ATTACKS; stamp++) {
		fill(&entry, stamp);
		xpv_slots_produce(&rig.front, &entry, sizeof(entry));
		xpv_slots_push_requests(&rig.front);
		assert_int_equal(xpv_slots_requests(&rig.back), 1);
		xpv_slots_consume(&rig.back, &entry, sizeof(entry));
		if (entry.count < ARRAY_SIZE(hits))
			hits[entry.count]++;
		else
			bad++;
		assert_true(sound(&entry, stamp));
		xpv_slots_produce(&rig.back, &entry, sizeof(entry));
		xpv_slots_push_responses(&rig.back);
		assert_int_equal(xpv_slots_responses(&rig.front), 1);
		xpv_slots_consume(&rig.front, &entry, sizeof(entry));
		assert_true(sound(&entry, stamp));
	}
	attack_ends();
	assert_int_equal(hits[1] + bad, stamp);
}

/*
 * Indices that flip under both ends: each answer is a count that can be, or a
 * refusal. Fails when an index is read twice, or an own one read back.
 */
static void flipped_indices(void **state)
{
	unsigned long refused = 0;
	unsigned int i;
	int n;

	attack(flip_indices);
	for (i = 0; i < TRIES || attacks < ATTACKS || !refused; i++) {
		n = xpv_slots_final_check_requests(&rig.back, 1);
		assert_true(n == -EPROTO || (n >= 0 && n <= 32));
		refused += n < 0;
		n = xpv_slots_final_check_responses(&rig.front, 1);
		assert_true(n == -EPROTO || n == 0);
		refused += n < 0;
		assert_int_equal(xpv_slots_free(&rig.front), 32);
		assert_int_equal(xpv_slots_unanswered(&rig.back), 0);
	}
	attack_ends();
}

UNIT_MAIN(fake_unit_test(conversation),
	  fake_unit_test(conversation_ahead),
	  fake_unit_test(flipped_field),
	  fake_unit_test(flipped_indices))

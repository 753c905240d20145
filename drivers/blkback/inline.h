/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Service in place of a sleeping thread.
 *
 * A thread owns data and needs no lock for it. While it sleeps it may let other
 * contexts use that data instead, one at a time: for a single small piece of
 * work this is cheaper than a wake-up. The lock hands the data over: it is held
 * by whoever serves inline, and by the thread for the two moments at which it
 * allows and forbids that.
 *
 * Nothing here knows what is served.
 */
#ifndef BLKBACK_INLINE_H
#define BLKBACK_INLINE_H

#include <linux/compiler.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct blkback_inline - whether others may serve in place of a thread
 * @lock: held while somebody does; interrupts off
 * @allowed: the thread sleeps and uses nothing of its own; written by the
 *	     thread under @lock, read without it as a hint
 */
struct blkback_inline {
	spinlock_t lock;	/* the thread's data, while @allowed */
	bool allowed;
};

static inline void blkback_inline_init(struct blkback_inline *in)
{
	spin_lock_init(&in->lock);
	in->allowed = false;
}

static inline void blkback_inline_set(struct blkback_inline *in, bool allowed)
{
	spin_lock_irq(&in->lock);
	WRITE_ONCE(in->allowed, allowed);
	spin_unlock_irq(&in->lock);
}

/**
 * blkback_inline_allow() - the thread is about to sleep
 * @in: of the calling thread, which uses nothing of its own from here on
 *
 * Context: the thread.
 */
static inline void blkback_inline_allow(struct blkback_inline *in)
{
	blkback_inline_set(in, true);
}

/**
 * blkback_inline_forbid() - the thread is awake and owns its data again
 * @in: of the calling thread
 *
 * Waits for whoever is serving inline.
 *
 * Context: the thread.
 */
static inline void blkback_inline_forbid(struct blkback_inline *in)
{
	blkback_inline_set(in, false);
}

/**
 * blkback_inline_run() - serve in place of the thread, if it allows that
 * @in: of the thread
 * @serve: does the work and returns true, or returns false and has done nothing
 * @arg: for @serve
 *
 * @serve runs under the lock with interrupts off: it must neither sleep nor
 * take long.
 *
 * Context: any.
 * Return: whether the work is done; where it is not, wake the thread for it.
 */
static inline bool blkback_inline_run(struct blkback_inline *in,
				      bool (*serve)(void *arg), void *arg)
{
	unsigned long flags;
	bool served = false;

	if (!READ_ONCE(in->allowed))
		return false;
	spin_lock_irqsave(&in->lock, flags);
	if (in->allowed)
		served = serve(arg);
	spin_unlock_irqrestore(&in->lock, flags);
	return served;
}

#endif /* BLKBACK_INLINE_H */

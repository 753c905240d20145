/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

/* One thread at a time runs what takes locks; whether it is taken is checked. */
typedef int spinlock_t;

#define DEFINE_SPINLOCK(lock) spinlock_t lock
#define spin_lock_init(lock) (*(lock) = 0)
#define spin_lock(lock) (++*(lock))
#define spin_unlock(lock) (--*(lock))
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)
#define spin_lock_irqsave(lock, flags) ((flags) = ++*(lock))
#define spin_unlock_irqrestore(lock, flags) (*(lock) -= (flags))

#endif /* SHIM_LINUX_SPINLOCK_H */

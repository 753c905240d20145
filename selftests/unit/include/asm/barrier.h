/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include <linux/compiler.h>

static inline void virt_mb(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	fake_at(FAKE_MB, NULL);
}

static inline void virt_rmb(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	fake_at(FAKE_RMB, NULL);
}

static inline void virt_wmb(void)
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
	fake_at(FAKE_WMB, NULL);
}

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_mb__after_atomic() smp_mb()
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif /* SHIM_ASM_BARRIER_H */

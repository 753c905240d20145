/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/types.h>
#include <asm/barrier.h>

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(n) { n }

static inline int atomic_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline void atomic_set(atomic_t *v, int n)
{
	__atomic_store_n(&v->counter, n, __ATOMIC_RELAXED);
}

static inline void atomic_set_release(atomic_t *v, int n)
{
	__atomic_store_n(&v->counter, n, __ATOMIC_RELEASE);
}

static inline void atomic_inc(atomic_t *v)
{
	__atomic_fetch_add(&v->counter, 1, __ATOMIC_RELAXED);
}

static inline void atomic_dec(atomic_t *v)
{
	__atomic_fetch_sub(&v->counter, 1, __ATOMIC_RELAXED);
}

static inline void atomic_add(int n, atomic_t *v)
{
	__atomic_fetch_add(&v->counter, n, __ATOMIC_RELAXED);
}

static inline void atomic_sub(int n, atomic_t *v)
{
	__atomic_fetch_sub(&v->counter, n, __ATOMIC_RELAXED);
}

static inline int atomic_sub_return(int n, atomic_t *v)
{
	return __atomic_sub_fetch(&v->counter, n, __ATOMIC_SEQ_CST);
}

static inline bool test_bit(unsigned int nr, const unsigned long *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) >> nr & 1;
}

static inline bool test_and_set_bit(unsigned int nr, unsigned long *word)
{
	return __atomic_fetch_or(word, 1UL << nr, __ATOMIC_SEQ_CST) >> nr & 1;
}

static inline bool test_and_clear_bit(unsigned int nr, unsigned long *word)
{
	return __atomic_fetch_and(word, ~(1UL << nr), __ATOMIC_SEQ_CST) >> nr &
	       1;
}

#define xchg(where, value) \
	__atomic_exchange_n(where, value, __ATOMIC_SEQ_CST)
#define cmpxchg(where, old, new)					\
({									\
	typeof(*(where)) found = (old);					\
									\
	__atomic_compare_exchange_n(where, &found, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
	found;								\
})
#define set_bit(nr, word) ((void)test_and_set_bit(nr, word))
#define clear_bit(nr, word) ((void)test_and_clear_bit(nr, word))

#endif /* SHIM_LINUX_ATOMIC_H */

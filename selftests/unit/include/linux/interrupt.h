/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_INTERRUPT_H
#define SHIM_LINUX_INTERRUPT_H

#include <linux/types.h>

typedef enum {
	IRQ_NONE,
	IRQ_HANDLED,
} irqreturn_t;

typedef irqreturn_t (*irq_handler_t)(int irq, void *arg);

void synchronize_irq(unsigned int irq);

/* Whether local_irq_save() is in force; read by tests of callbacks. */
extern bool fake_irqs_off;

#define local_irq_save(flags) do {	\
	(flags) = fake_irqs_off;	\
	fake_irqs_off = true;		\
} while (0)
#define local_irq_restore(flags) do {	\
	fake_irqs_off = (flags);	\
} while (0)

#endif /* SHIM_LINUX_INTERRUPT_H */

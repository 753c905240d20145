/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_XEN_EVENTS_H
#define SHIM_XEN_EVENTS_H

#include <linux/interrupt.h>
#include <xen/xenbus.h>

#define XEN_EOI_FLAG_SPURIOUS 1

int bind_evtchn_to_irqhandler_lateeoi(evtchn_port_t port, irq_handler_t handler,
				      unsigned long flags, const char *name,
				      void *arg);
int bind_interdomain_evtchn_to_irqhandler_lateeoi(struct xenbus_device *dev,
						  evtchn_port_t remote,
						  irq_handler_t handler,
						  unsigned long flags,
						  const char *name, void *arg);
void unbind_from_irqhandler(unsigned int irq, void *arg);
void xen_irq_lateeoi(unsigned int irq, unsigned int flags);
void notify_remote_via_irq(int irq);

#endif /* SHIM_XEN_EVENTS_H */

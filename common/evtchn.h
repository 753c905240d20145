/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event channels with late end-of-interrupt, the same for both sides.
 *
 * An event masks its channel until xpv_evtchn_eoi(); done without any work
 * found, it counts as spurious and the kernel delays the next one, so that a
 * peer cannot keep us in interrupts (XSA-332, XSA-391).
 */
#ifndef XPV_EVTCHN_H
#define XPV_EVTCHN_H

#include <linux/atomic.h>
#include <linux/interrupt.h>
#include <xen/events.h>

struct xpv_device;

/**
 * struct xpv_evtchn - one end of an event channel
 * @irq: Linux interrupt, 0 while unbound
 * @port: our port (frontend: published to the backend)
 * @remote: the peer's port, where we have bound to it (backend)
 * @pending: an event was delivered and awaits its EOI; set in hard interrupt,
 *	     cleared by xpv_evtchn_eoi()
 * @worked: something was consumed since the last EOI; owned by the one context
 *	    that consumes the ring
 * @name: as shown in /proc/interrupts
 */
struct xpv_evtchn {
	unsigned int irq;
	evtchn_port_t port;
	evtchn_port_t remote;
	atomic_t pending;
	bool worked;
	char name[32];
};

/**
 * xpv_evtchn_alloc() - allocate a channel for the peer to bind (frontend)
 * @xdev: the device
 * @ec: zeroed or closed channel
 * @handler: hard interrupt handler; calls xpv_evtchn_set_pending() first
 * @arg: the handler's dev_id
 * @name: for /proc/interrupts; copied
 *
 * Context: process, may sleep. The handler may run before this returns.
 * Return: 0 or -errno.
 */
int xpv_evtchn_alloc(struct xpv_device *xdev, struct xpv_evtchn *ec,
		     irq_handler_t handler, void *arg, const char *name);

/**
 * xpv_evtchn_bind() - bind to a channel that the peer published (backend)
 * @xdev: the device
 * @ec: zeroed or closed channel
 * @remote: the peer's port
 * @handler: see xpv_evtchn_alloc()
 * @arg: see xpv_evtchn_alloc()
 * @name: see xpv_evtchn_alloc()
 *
 * Context: process, may sleep. The handler may run before this returns.
 * Return: 0 or -errno.
 */
int xpv_evtchn_bind(struct xpv_device *xdev, struct xpv_evtchn *ec,
		    evtchn_port_t remote, irq_handler_t handler, void *arg,
		    const char *name);

/**
 * xpv_evtchn_close() - unbind and close; waits for a running handler
 * @ec: the channel; one that is not open is fine
 * @arg: the dev_id given at open or bind
 *
 * Context: process, may sleep.
 */
void xpv_evtchn_close(struct xpv_evtchn *ec, void *arg);

/**
 * xpv_evtchn_set_pending() - note an event
 * @ec: the channel
 *
 * Context: the channel's handler, hard interrupt.
 */
static inline void xpv_evtchn_set_pending(struct xpv_evtchn *ec)
{
	atomic_set_release(&ec->pending, 1);
}

/**
 * xpv_evtchn_eoi() - end an event, if one is pending
 * @ec: the channel
 * @worked: whether anything was consumed from the ring since the last call
 *
 * To be called before the final check of the ring (xpv_slots_final_check_*), so
 * that an event sent after that check is delivered. A consumer that stops
 * serving a malicious peer does not call it again: the channel stays masked.
 *
 * Context: the one that consumes the ring; any but hard interrupt of another
 * CPU's same channel (which cannot run while the event is pending).
 * Return: true where the event was spurious.
 */
static inline bool xpv_evtchn_eoi(struct xpv_evtchn *ec, bool worked)
{
	bool spurious;

	ec->worked |= worked;
	if (!atomic_read(&ec->pending))
		return false;

	spurious = !ec->worked;
	ec->worked = false;
	atomic_set(&ec->pending, 0);
	smp_mb__after_atomic();	/* @pending clear before the next event */
	xen_irq_lateeoi(ec->irq, spurious ? XEN_EOI_FLAG_SPURIOUS : 0);
	return spurious;
}

/**
 * xpv_evtchn_notify() - notify the peer
 * @ec: an open channel
 *
 * Context: any.
 */
static inline void xpv_evtchn_notify(const struct xpv_evtchn *ec)
{
	notify_remote_via_irq(ec->irq);
}

#endif /* XPV_EVTCHN_H */

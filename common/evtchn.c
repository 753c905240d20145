// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/string.h>
#include <xen/interface/event_channel.h>
#include <asm/xen/hypercall.h>

#include "types.h"
#include "evtchn.h"

/* xenbus_alloc_evtchn() ends the device where there is none to be had. */
static int alloc_port(domid_t peer, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF,
		.remote_dom = peer,
	};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	*port = alloc.port;
	return err;
}

static void free_port(evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };

	HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
}

int xpv_evtchn_alloc(struct xpv_device *xdev, struct xpv_evtchn *ec,
		     irq_handler_t handler, void *arg, const char *name)
{
	int irq, err;

	err = alloc_port(xdev->peer_id, &ec->port);
	if (err)
		return err;

	atomic_set(&ec->pending, 0);
	ec->worked = false;
	strscpy(ec->name, name, sizeof(ec->name));
	irq = bind_evtchn_to_irqhandler_lateeoi(ec->port, handler, 0, ec->name,
						arg);
	if (irq < 0) {
		free_port(ec->port);
		return irq;
	}
	ec->irq = irq;
	return 0;
}

int xpv_evtchn_bind(struct xpv_device *xdev, struct xpv_evtchn *ec,
		    evtchn_port_t remote, irq_handler_t handler, void *arg,
		    const char *name)
{
	int irq;

	atomic_set(&ec->pending, 0);
	ec->worked = false;
	ec->port = 0;
	ec->remote = remote;
	strscpy(ec->name, name, sizeof(ec->name));
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(xdev->xbdev,
							    remote, handler, 0,
							    ec->name, arg);
	if (irq < 0)
		return irq;
	ec->irq = irq;
	return 0;
}

void xpv_evtchn_close(struct xpv_evtchn *ec, void *arg)
{
	if (!ec->irq)
		return;
	unbind_from_irqhandler(ec->irq, arg);
	ec->irq = 0;
}

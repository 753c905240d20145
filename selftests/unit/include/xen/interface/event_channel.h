/* SPDX-License-Identifier: GPL-2.0 */
/* Event channels: numbers and structures of Xen's published interface. */
#ifndef SHIM_XEN_INTERFACE_EVENT_CHANNEL_H
#define SHIM_XEN_INTERFACE_EVENT_CHANNEL_H

#include <xen/grant_table.h>

#define EVTCHNOP_close 3
#define EVTCHNOP_alloc_unbound 6

struct evtchn_close {
	evtchn_port_t port;
};

struct evtchn_alloc_unbound {
	domid_t dom, remote_dom;
	evtchn_port_t port;
};

int HYPERVISOR_event_channel_op(int cmd, void *arg);

#endif /* SHIM_XEN_INTERFACE_EVENT_CHANNEL_H */

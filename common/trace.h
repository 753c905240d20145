/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xenpv

#if !defined(XPV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define XPV_TRACE_H

#include <linux/tracepoint.h>

#include "types.h"

TRACE_EVENT(xpv_phase,
	TP_PROTO(struct xpv_device *xdev, enum xpv_phase from,
		 enum xpv_phase to),
	TP_ARGS(xdev, from, to),
	TP_STRUCT__entry(
		__string(device, dev_name(xpv_dev(xdev)))
		__field(unsigned int, from)
		__field(unsigned int, to)
	),
	TP_fast_assign(
		xpv_trace_assign_str(device, dev_name(xpv_dev(xdev)));
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("%s: phase %u -> %u", __get_str(device), __entry->from,
		  __entry->to)
);

TRACE_EVENT(xpv_violation,
	TP_PROTO(struct xpv_device *xdev, struct va_format *what),
	TP_ARGS(xdev, what),
	TP_STRUCT__entry(
		__string(device, dev_name(xpv_dev(xdev)))
		__vstring(what, what->fmt, what->va)
	),
	TP_fast_assign(
		xpv_trace_assign_str(device, dev_name(xpv_dev(xdev)));
		__assign_vstr(what, what->fmt, what->va);
	),
	TP_printk("%s: %s", __get_str(device), __get_str(what))
);

/* One per hypercall: how well maps and unmaps are gathered. */
DECLARE_EVENT_CLASS(xpv_batch,
	TP_PROTO(struct xpv_device *xdev, unsigned int nr, unsigned int failed),
	TP_ARGS(xdev, nr, failed),
	TP_STRUCT__entry(
		__string(device, dev_name(xpv_dev(xdev)))
		__field(unsigned int, nr)
		__field(unsigned int, failed)
	),
	TP_fast_assign(
		xpv_trace_assign_str(device, dev_name(xpv_dev(xdev)));
		__entry->nr = nr;
		__entry->failed = failed;
	),
	TP_printk("%s: %u, failed %u", __get_str(device), __entry->nr,
		  __entry->failed)
);

DEFINE_EVENT(xpv_batch, xpv_map,
	TP_PROTO(struct xpv_device *xdev, unsigned int nr, unsigned int failed),
	TP_ARGS(xdev, nr, failed)
);

DEFINE_EVENT(xpv_batch, xpv_unmap,
	TP_PROTO(struct xpv_device *xdev, unsigned int nr, unsigned int failed),
	TP_ARGS(xdev, nr, failed)
);

DEFINE_EVENT(xpv_batch, xpv_copy,
	TP_PROTO(struct xpv_device *xdev, unsigned int nr, unsigned int failed),
	TP_ARGS(xdev, nr, failed)
);

#endif /* XPV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

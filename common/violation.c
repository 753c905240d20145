// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>

#include "device.h"
#include "trace.h"
#include "violation.h"

void xpv_violation(struct xpv_device *xdev, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	atomic_inc(&xdev->violations);
	if (test_and_set_bit(XPV_BROKEN, &xdev->flags))
		return;

	va_start(args, fmt);
	vaf.va = &args;
	trace_xpv_violation(xdev, &vaf);
	va_end(args);

	va_start(args, fmt);
	vaf.va = &args;
	if (__ratelimit(&xdev->ratelimit))
		xpv_err(xdev, "domain %u broke the protocol: %pV; disabling the device\n",
			xdev->peer_id, &vaf);
	va_end(args);

	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_violation);

void xpv_warn_peer(struct xpv_device *xdev, const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	atomic_inc(&xdev->peer_warnings);

	va_start(args, fmt);
	vaf.va = &args;
	if (__ratelimit(&xdev->ratelimit))
		xpv_warn(xdev, "domain %u: %pV\n", xdev->peer_id, &vaf);
	va_end(args);
}
EXPORT_SYMBOL_GPL(xpv_warn_peer);

// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/slab.h>

#include "trace.h"
#include "violation.h"
#include "work.h"

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

/* Return: whether it differs from the last one. Takes over @text. */
static bool remember_error(struct xpv_device *xdev, char *text)
{
	if (text && xdev->last_error && !strcmp(text, xdev->last_error)) {
		kfree(text);
		return false;
	}
	kfree(xdev->last_error);
	xdev->last_error = text;
	return true;
}

void xpv_device_fail(struct xpv_device *xdev, int err, const char *fmt, ...)
{
	va_list args;
	char *text;

	lockdep_assert_held(&xdev->lock);

	va_start(args, fmt);
	text = kvasprintf(GFP_NOIO, fmt, args);
	va_end(args);
	/* A guest can cause as many of these as it likes (XSA-43). */
	if (remember_error(xdev, text) && __ratelimit(&xdev->ratelimit))
		xenbus_dev_error(xdev->xbdev, err, "%s", text ?: fmt);

	set_bit(XPV_FAILED, &xdev->flags);
	xpv_device_kick(xdev);
}
EXPORT_SYMBOL_GPL(xpv_device_fail);

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NETFRONT_CONNECT_H
#define NETFRONT_CONNECT_H

struct xpv_driver_ops;

/* See struct xpv_driver_ops for when each of them runs. */
extern const struct xpv_driver_ops netfront_ops;

#endif /* NETFRONT_CONNECT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device's life: what happens at each step of the handshake.
 */
#ifndef BLKFRONT_CONNECT_H
#define BLKFRONT_CONNECT_H

#include "blkfront.h"

extern const struct xpv_driver_ops blkfront_ops;

#endif /* BLKFRONT_CONNECT_H */

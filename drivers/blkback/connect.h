/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device's life, from probe to remove.
 */
#ifndef BLKBACK_CONNECT_H
#define BLKBACK_CONNECT_H

#include "xpv.h"

extern const struct xpv_driver_ops blkback_ops;

#endif /* BLKBACK_CONNECT_H */

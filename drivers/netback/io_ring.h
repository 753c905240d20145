/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /sys/kernel/debug/xen-netback/vifD.H/io_ring_qN, as the in-tree driver has
 * it: reading shows where both rings stand, writing "kick" has them looked at.
 */
#ifndef NETBACK_IO_RING_H
#define NETBACK_IO_RING_H

struct netback;

void netback_io_ring_init(void);
void netback_io_ring_exit(void);

/**
 * netback_io_ring_add() - make the files of a vif's queues
 * @nb: the vif, connected
 */
void netback_io_ring_add(struct netback *nb);

/**
 * netback_io_ring_remove() - take them away; waits for readers
 * @nb: the vif in any state
 */
void netback_io_ring_remove(struct netback *nb);

#endif /* NETBACK_IO_RING_H */

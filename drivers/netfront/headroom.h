/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the data lies in a slot with headroom.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETFRONT_HEADROOM_H
#define NETFRONT_HEADROOM_H

#include <linux/errno.h>

/**
 * netfront_headroom_skip() - what to take off a packet's slots at their front
 * @headroom: what the packet's extra-info says; 0 without
 * @offset: the first slot's offset
 * @len: its length; the backend's word, within the page
 *
 * The protocol's header is silent on what the response says then. Linux'
 * netback leaves the offset at 0 and includes the headroom in the length, in
 * each of a packet's slots, though the extra-info is in the first alone. An
 * offset that is not 0 is the data's, and so is the length.
 *
 * Context: any; pure.
 * Return: bytes; -EPROTO for a slot that ends before its data begins.
 */
static inline int netfront_headroom_skip(unsigned int headroom,
					 unsigned int offset, unsigned int len)
{
	if (!headroom || offset)
		return 0;
	return len < headroom ? -EPROTO : (int)headroom;
}

#endif /* NETFRONT_HEADROOM_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The size of segments, as a backend has it.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETFRONT_SEGMENTS_H
#define NETFRONT_SEGMENTS_H

#include <linux/errno.h>

/*
 * What TCP never goes below (TCP_MIN_GSO_SIZE): 64 KiB in segments of one byte
 * would be 65000 packets at a stroke.
 */
#define NETFRONT_MIN_SEGMENT 8

/**
 * netfront_segment_size() - what of a backend's size of segments to use
 * @size: the backend's word
 * @payload: bytes of the packet behind its headers
 *
 * A packet that fits one segment is none of several, whatever its backend says.
 * So the size used is below any packet's length, and never 65535, by which the
 * kernel means something else (GSO_BY_FRAGS).
 *
 * Context: any; pure.
 * Return: the size; 0 for a packet of one segment; -EPROTO for a size that no
 * TCP has.
 */
static inline int netfront_segment_size(unsigned int size, unsigned int payload)
{
	if (size < NETFRONT_MIN_SEGMENT)
		return -EPROTO;
	return payload <= size ? 0 : size;
}

#endif /* NETFRONT_SEGMENTS_H */

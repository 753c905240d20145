/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ethtool calls the fields of a flow, in the protocol's hash types.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef NETFRONT_FLOW_H
#define NETFRONT_FLOW_H

#include <linux/types.h>

/**
 * netfront_flow_fields() - what of a flow is hashed
 * @flow_type: TCP_V4_FLOW and the like
 * @types: XEN_NETIF_CTRL_HASH_TYPE_* that the backend is to use
 * @fields: where RXH_* go
 *
 * Return: 0, or -EINVAL for a kind of flow that has none.
 */
int netfront_flow_fields(u32 flow_type, u32 types, u64 *fields);

/**
 * netfront_flow_set() - choose what of a flow is hashed
 * @flow_type: TCP_V4_FLOW and the like
 * @fields: RXH_*; nothing, the addresses, or with TCP these and both ports
 * @types: XEN_NETIF_CTRL_HASH_TYPE_*, changed on success
 *
 * The protocol knows TCP and all the rest of an IP version: what is chosen for
 * IP in general holds for the rest, and what is impossible is refused.
 *
 * Return: 0 or -EINVAL.
 */
int netfront_flow_set(u32 flow_type, u64 fields, u32 *types);

#endif /* NETFRONT_FLOW_H */

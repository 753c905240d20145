// SPDX-License-Identifier: GPL-2.0
#include <linux/string.h>

#include "ctrl_msg.h"

#define SUCCESS XEN_NETIF_CTRL_STATUS_SUCCESS
#define NOT_SUPPORTED XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED
#define INVALID XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER
#define TOO_LARGE XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW

static bool is_hashing(const struct netback_hash_config *config)
{
	return config->alg != XEN_NETIF_CTRL_HASH_ALGORITHM_NONE;
}

static u32 check_algorithm(u32 alg)
{
	return alg == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE ||
	       alg == XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ?
	       SUCCESS : INVALID;
}

static u32 check_flags(const struct netback_hash_config *config, u32 flags)
{
	return is_hashing(config) && !(flags & ~NETBACK_HASH_TYPES) ?
	       SUCCESS : INVALID;
}

static u32 check_key(u32 len, unsigned int *bytes)
{
	if (len > NETBACK_HASH_KEY_SIZE)
		return TOO_LARGE;
	*bytes = len;
	return SUCCESS;
}

/* Part of a table: each bound by itself, since sums wrap (XSA-270). */
static u32 check_mapping(const struct netback_hash_config *config, u32 len,
			 u32 offset, unsigned int *bytes)
{
	if (len > NETBACK_HASH_MAX_MAPPING)
		return TOO_LARGE;
	if (offset > config->size || len > config->size - offset)
		return INVALID;
	*bytes = len * sizeof(config->mapping[0]);
	return SUCCESS;
}

u32 netback_ctrl_check(const struct netback_hash_config *config,
		       const struct xen_netif_ctrl_request *req,
		       unsigned int *bytes)
{
	*bytes = 0;
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		return check_algorithm(req->data[0]);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		return is_hashing(config) ? SUCCESS : NOT_SUPPORTED;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		return check_flags(config, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		return check_key(req->data[1], bytes);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		return SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		return req->data[0] <= NETBACK_HASH_MAX_MAPPING ?
		       SUCCESS : INVALID;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return check_mapping(config, req->data[1], req->data[2],
				     bytes);
	default:
		return NOT_SUPPORTED;
	}
}

static void set_key(struct netback_hash_config *config, const void *payload,
		    u32 len)
{
	memset(config->key, 0, sizeof(config->key));
	memcpy(config->key, payload, len);
}

static void set_size(struct netback_hash_config *config, u32 size)
{
	config->size = size;
	memset(config->mapping, 0, sizeof(config->mapping));
}

static u32 set_mapping(struct netback_hash_config *config, const u32 *queue,
		       u32 len, u32 offset, unsigned int nr_queues)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (queue[i] >= nr_queues)
			return INVALID;
	memcpy(config->mapping + offset, queue, len * sizeof(*queue));
	return SUCCESS;
}

u32 netback_ctrl_apply(struct netback_hash_config *config,
		       const struct xen_netif_ctrl_request *req,
		       const void *payload, unsigned int nr_queues, u32 *data)
{
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		config->alg = req->data[0];
		break;
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		*data = NETBACK_HASH_TYPES;
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		config->flags = req->data[0];
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		set_key(config, payload, req->data[1]);
		break;
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		*data = NETBACK_HASH_MAX_MAPPING;
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		set_size(config, req->data[0]);
		break;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return set_mapping(config, payload, req->data[1],
				   req->data[2], nr_queues);
	default:
		return NOT_SUPPORTED;
	}
	return SUCCESS;
}

// SPDX-License-Identifier: GPL-2.0
#include <compat/ethtool.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <xen/interface/io/netif.h>

#include "ctrl.h"
#include "flow.h"
#include "netfront.h"
#include "rss.h"

#define ALL_TYPES (XEN_NETIF_CTRL_HASH_TYPE_IPV4 |	\
		   XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |	\
		   XEN_NETIF_CTRL_HASH_TYPE_IPV6 |	\
		   XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

static int send_number(struct netfront *nf, u16 type, u32 number)
{
	struct netfront_ctrl_msg msg = { .type = type, .data = { number } };

	return netfront_ctrl_send(nf, &msg);
}

static int query_number(struct netfront *nf, u16 type, u32 *answer)
{
	struct netfront_ctrl_msg msg = { .type = type };
	int err = netfront_ctrl_send(nf, &msg);

	*answer = err ? 0 : msg.result;
	return err;
}

static int send_key(struct netfront *nf, const u8 *key)
{
	struct netfront_ctrl_msg msg = {
		.type = XEN_NETIF_CTRL_TYPE_SET_HASH_KEY,
		.data = { 0, NETFRONT_RSS_KEY_SIZE },
		.payload = key,
		.len = NETFRONT_RSS_KEY_SIZE,
	};

	return netfront_ctrl_send(nf, &msg);
}

static int send_table(struct netfront *nf, const u8 *table)
{
	struct netfront_rss_backend *back = &nf->rss_backend;
	u32 wire[NETFRONT_RSS_MAX_TABLE];
	struct netfront_ctrl_msg msg = {
		.type = XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING,
		.data = { 0, back->size, 0 },
		.payload = wire,
		.len = back->size * sizeof(*wire),
	};
	unsigned int i;
	int err = 0;

	if (!back->size)
		return 0;
	/* A new size leads all to queue 0 until the table is there. */
	if (back->sent_size != back->size)
		err = send_number(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE,
				  back->size);
	if (err)
		return err;
	back->sent_size = back->size;
	for (i = 0; i < back->size; i++)
		wire[i] = table[i];
	return netfront_ctrl_send(nf, &msg);
}

/*
 * The types come last: with none nothing is hashed, so that a backend that was
 * not configured before does not hash by halves. They cannot be set, or asked
 * for, before there is an algorithm.
 */
static int send_config(struct netfront *nf, const struct netfront_rss *rss)
{
	u32 supported;
	int err;

	if (!rss->on)
		return send_number(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
				   XEN_NETIF_CTRL_HASH_ALGORITHM_NONE);

	err = send_number(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
			  XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ);
	if (!err)
		err = query_number(nf, XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS,
				   &supported);
	if (!err && rss->types & ~supported)
		err = -EOPNOTSUPP;
	if (!err)
		err = send_key(nf, rss->key);
	if (!err)
		err = send_table(nf, rss->table);
	if (!err)
		err = send_number(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS,
				  rss->types);
	return err;
}

static void spread_evenly(struct netfront *nf)
{
	u8 *table = nf->rss.table;
	unsigned int i;

	for (i = 0; i < NETFRONT_RSS_MAX_TABLE; i++)
		WRITE_ONCE(table[i],
			   ethtool_rxfh_indir_default(i, nf->nr_queues));
}

/* Keeps the user's table if all queues it names exist on this connection. */
static void init_table(struct netfront *nf)
{
	unsigned int i;

	if (!netif_is_rxfh_configured(nf->netdev)) {
		spread_evenly(nf);
		return;
	}
	for (i = 0; i < nf->rss_backend.size; i++) {
		if (nf->rss.table[i] < nf->nr_queues)
			continue;
		xpv_warn(nf->xdev,
			 "%u queues, and a table that leads to queue %u: packets are spread evenly\n",
			 nf->nr_queues, nf->rss.table[i]);
		spread_evenly(nf);
		return;
	}
}

/*
 * The table's size holds for the whole connection: ethtool allocates by it, and
 * the backend could answer otherwise the next time.
 */
static int query_backend(struct netfront *nf)
{
	struct netfront_rss_backend *back = &nf->rss_backend;
	u32 size;
	int err;

	if (back->ready)
		return 0;
	err = query_number(nf, XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE,
			   &size);
	if (err)
		return err;
	WRITE_ONCE(back->size, min_t(u32, size, NETFRONT_RSS_MAX_TABLE));
	init_table(nf);
	/* After what it stands for; pairs with is_known(). */
	smp_store_release(&back->ready, true);
	return 0;
}

/*
 * Once per connection, and again after a time-out. The table's size is asked
 * for until the backend has answered, and never again.
 */
static void sync_backend(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	int err;

	lockdep_assert_held(&ctrl->lock);

	if (!ctrl->stale)
		return;
	err = query_backend(nf);
	if (!err && nf->rss.on)
		err = send_config(nf, &nf->rss);
	/* It may answer yet, or there will be another. */
	if (err == -ETIMEDOUT || err == -ENODEV)
		return;
	WRITE_ONCE(ctrl->stale, false);
	if (err && nf->rss.on)
		xpv_warn(nf->xdev,
			 "the backend does not apply the RSS settings: error %d\n",
			 err);
}

static void sync_work(struct work_struct *work)
{
	struct netfront *nf = container_of(work, struct netfront, ctrl.sync);

	netfront_ctrl_lock(nf);
	sync_backend(nf);
	netfront_ctrl_unlock(nf);
}

void netfront_rss_init(struct netfront *nf)
{
	nf->rss.types = ALL_TYPES;
	netdev_rss_key_fill(nf->rss.key, sizeof(nf->rss.key));
	INIT_WORK(&nf->ctrl.sync, sync_work);
}

void netfront_rss_connect(struct netfront *nf)
{
	if (READ_ONCE(nf->ctrl.stale))
		xpv_device_queue_work(nf->xdev, &nf->ctrl.sync);
}

void netfront_rss_disconnect(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	/* Waits for a sender under way: messages are refused already. */
	netfront_ctrl_lock(nf);
	WRITE_ONCE(ctrl->stale, false);
	memset(&nf->rss_backend, 0, sizeof(nf->rss_backend));
	netfront_ctrl_unlock(nf);
	/* That sender may have queued the work. Nothing queues it any more. */
	cancel_work_sync(&ctrl->sync);
}

/*
 * Reading settings does not wait for the backend or for a message in flight.
 *
 * Context: under RTNL.
 * Return: whether there is a backend that has answered, and knows of hashing.
 */
static bool is_known(const struct netfront *nf)
{
	/* Pairs with query_backend(). */
	return smp_load_acquire(&nf->rss_backend.ready);
}

u32 netfront_rss_key_size(struct net_device *netdev)
{
	return is_known(netdev_priv(netdev)) ? NETFRONT_RSS_KEY_SIZE : 0;
}

u32 netfront_rss_table_size(struct net_device *netdev)
{
	struct netfront *nf = netdev_priv(netdev);

	nf->rss_shown = is_known(nf) ? READ_ONCE(nf->rss_backend.size) : 0;
	return nf->rss_shown;
}

/*
 * The memory at @table has the size that ethtool was given last. A backend's
 * first answer, or its end, may have come since.
 */
static bool table_fits(const struct netfront *nf, const u32 *table)
{
	return !table || READ_ONCE(nf->rss_backend.size) == nf->rss_shown;
}

int netfront_rss_get(struct net_device *netdev,
		     struct ethtool_rxfh_param *param)
{
	struct netfront *nf = netdev_priv(netdev);
	const u8 *table = nf->rss.table;
	unsigned int i;

	if (!is_known(nf))
		return -EOPNOTSUPP;
	if (!table_fits(nf, param->indir))
		return -EAGAIN;
	/* "Off" as long as the backend is free to choose. */
	param->hfunc = nf->rss.on ? ETH_RSS_HASH_TOP : ETH_RSS_HASH_UNKNOWN;
	for (i = 0; param->indir && i < nf->rss_shown; i++)
		param->indir[i] = READ_ONCE(table[i]);
	if (param->key)
		memcpy(param->key, nf->rss.key, NETFRONT_RSS_KEY_SIZE);
	return 0;
}

/*
 * Make @wanted what holds, or leave all as it is. A backend that has not
 * answered, or does not go back, is brought up to date without RTNL.
 */
static int apply_config(struct netfront *nf, const struct netfront_rss *wanted)
{
	int err = send_config(nf, wanted);

	if (!err) {
		nf->rss = *wanted;
		return 0;
	}
	if (err == -ETIMEDOUT || send_config(nf, &nf->rss)) {
		WRITE_ONCE(nf->ctrl.stale, true);
		xpv_device_queue_work(nf->xdev, &nf->ctrl.sync);
	}
	return err;
}

static int check_param(const struct netfront *nf,
		       const struct ethtool_rxfh_param *param)
{
	if (!is_known(nf) || (param->hfunc != ETH_RSS_HASH_NO_CHANGE &&
			      param->hfunc != ETH_RSS_HASH_TOP))
		return -EOPNOTSUPP;
	return table_fits(nf, param->indir) ? 0 : -EAGAIN;
}

int netfront_rss_set(struct net_device *netdev,
		     struct ethtool_rxfh_param *param,
		     struct netlink_ext_ack *extack)
{
	struct netfront *nf = netdev_priv(netdev);
	struct netfront_rss wanted;
	unsigned int i;
	int err;

	if (!netfront_ctrl_lock_rtnl(nf))
		return -EBUSY;
	err = check_param(nf, param);
	if (err)
		goto out;
	wanted = nf->rss;
	wanted.on = true;
	for (i = 0; param->indir && i < nf->rss_shown; i++)
		wanted.table[i] = param->indir[i];
	if (param->key)
		memcpy(wanted.key, param->key, NETFRONT_RSS_KEY_SIZE);
	err = apply_config(nf, &wanted);
out:
	netfront_ctrl_unlock(nf);
	return err;
}

int netfront_rss_get_fields(struct net_device *netdev,
			    struct ethtool_rxfh_fields *fields)
{
	struct netfront *nf = netdev_priv(netdev);
	u64 data = 0;
	int err;

	if (!is_known(nf))
		return -EOPNOTSUPP;
	err = netfront_flow_fields(fields->flow_type, nf->rss.types, &data);
	fields->data = data;
	return err;
}

int netfront_rss_set_fields(struct net_device *netdev,
			    const struct ethtool_rxfh_fields *fields,
			    struct netlink_ext_ack *extack)
{
	struct netfront *nf = netdev_priv(netdev);
	struct netfront_rss wanted;
	int err = -EOPNOTSUPP;

	if (!netfront_ctrl_lock_rtnl(nf))
		return -EBUSY;
	if (!is_known(nf))
		goto out;
	wanted = nf->rss;
	err = netfront_flow_set(fields->flow_type, fields->data, &wanted.types);
	/* Of no concern to a backend before there is any hashing. */
	if (!err && !wanted.on)
		nf->rss = wanted;
	else if (!err)
		err = apply_config(nf, &wanted);
out:
	netfront_ctrl_unlock(nf);
	return err;
}

u32 netfront_rss_rings(struct net_device *netdev)
{
	const struct netfront *nf = netdev_priv(netdev);

	return nf->nr_queues;
}

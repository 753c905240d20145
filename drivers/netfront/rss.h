/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How received packets are spread over the queues: what ethtool -X and -N set,
 * and the backend's view of it.
 */
#ifndef NETFRONT_RSS_H
#define NETFRONT_RSS_H

#include <linux/netdevice.h>
#include <linux/types.h>

struct ethtool_rxfh_fields;
struct ethtool_rxfh_param;
struct netfront;
struct netlink_ext_ack;

/* The longest key that any hash of the protocol needs. */
#define NETFRONT_RSS_KEY_SIZE 40

/* The longest table that is used: what Linux' backends take. */
#define NETFRONT_RSS_MAX_TABLE 128

/**
 * struct netfront_rss - what the user has set; written under the lock of the
 * control ring, all but the table under RTNL as well
 * @on: has any; until then the backend does as it likes
 * @types: XEN_NETIF_CTRL_HASH_TYPE_*
 * @key: of the hash
 * @table: queue for each hash, modulo the table's size
 */
struct netfront_rss {
	bool on;
	u32 types;
	u8 key[NETFRONT_RSS_KEY_SIZE];
	u8 table[NETFRONT_RSS_MAX_TABLE];
};

/**
 * struct netfront_rss_backend - what we know of the backend; per connection
 * @ready: it has answered; what follows is valid and stays to the end of the
 *	   connection. Written under the control ring's lock
 * @size: of the table; 0 where it has none and takes the hash itself
 * @sent_size: the table's size that it was sent
 */
struct netfront_rss_backend {
	bool ready;
	u32 size;
	u32 sent_size;
};

/**
 * netfront_rss_init() - set what the user finds, once
 * @nf: the interface
 */
void netfront_rss_init(struct netfront *nf);

/**
 * netfront_rss_connect() - bring a connected backend up to date
 * @nf: the interface
 *
 * Asks it what it can do and sends the user's settings, in a work of its own.
 *
 * Context: any.
 */
void netfront_rss_connect(struct netfront *nf);

/**
 * netfront_rss_disconnect() - forget what is known of the backend
 * @nf: the interface, its control ring stopped by netfront_ctrl_stop()
 *
 * When this returns the work does not run and is not queued.
 *
 * Context: the device's lock held and not RTNL, may sleep.
 */
void netfront_rss_disconnect(struct netfront *nf);

/*
 * ethtool's operations, under their latest form; RTNL. Those that get wait for
 * nobody; those that set as long as netfront_ctrl_lock_rtnl() has it.
 */
u32 netfront_rss_key_size(struct net_device *netdev);
u32 netfront_rss_table_size(struct net_device *netdev);
int netfront_rss_get(struct net_device *netdev,
		     struct ethtool_rxfh_param *param);
int netfront_rss_set(struct net_device *netdev,
		     struct ethtool_rxfh_param *param,
		     struct netlink_ext_ack *extack);
int netfront_rss_get_fields(struct net_device *netdev,
			    struct ethtool_rxfh_fields *fields);
int netfront_rss_set_fields(struct net_device *netdev,
			    const struct ethtool_rxfh_fields *fields,
			    struct netlink_ext_ack *extack);
u32 netfront_rss_rings(struct net_device *netdev);

#endif /* NETFRONT_RSS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices, their queues and NAPI, as far as the drivers name them. */
#ifndef SHIM_LINUX_NETDEVICE_H
#define SHIM_LINUX_NETDEVICE_H

#include <linux/types.h>
#include <linux/cache.h>
#include <linux/if_ether.h>
#include <linux/interrupt.h>
#include <linux/list.h>

typedef u64 netdev_features_t;

#define NETIF_F_SG 1
#define NETIF_F_TSO 2
#define NETIF_F_TSO6 4
#define NETIF_F_RXHASH 8
#define NETIF_F_RXCSUM 16

typedef enum {
	NETDEV_TX_OK = 0,
	NETDEV_TX_BUSY = 16,
} netdev_tx_t;

#define NAPI_POLL_WEIGHT 64

/**
 * struct netdev_queue - a transmit queue
 * @stopped: by the driver
 * @wakes: times that the driver woke it
 * @sent: packets told to BQL
 * @sent_bytes: their bytes
 * @completed: of these, those completed
 * @completed_bytes: their bytes
 */
struct netdev_queue {
	bool stopped;
	unsigned int wakes;
	unsigned int sent;
	unsigned int sent_bytes;
	unsigned int completed;
	unsigned int completed_bytes;
};

struct net_device {
	const char *name;
	netdev_features_t features;
	struct netdev_queue txq;
};

/* @scheduled: times; @done: times that it gave itself up */
struct napi_struct {
	unsigned int scheduled;
	unsigned int done;
};

/* The test's. */
void *netdev_priv(const struct net_device *netdev);
bool netif_is_rxfh_configured(const struct net_device *netdev);
void netdev_rss_key_fill(void *key, size_t len);

/* Whether the stack has more packets to come: the test's. */
extern bool fake_xmit_more;

#define netdev_xmit_more() fake_xmit_more

static inline struct netdev_queue *
netdev_get_tx_queue(struct net_device *netdev, unsigned int index)
{
	return &netdev->txq;
}

#define netif_tx_queue_stopped(txq) ((txq)->stopped)
#define netif_xmit_stopped(txq) ((txq)->stopped)
#define netif_tx_stop_queue(txq) ((txq)->stopped = true)
#define netif_tx_start_queue(txq) ((txq)->stopped = false)
#define netif_tx_wake_queue(txq) ((txq)->wakes++, (txq)->stopped = false)
#define __netif_tx_lock_bh(txq) do { } while (0)
#define __netif_tx_unlock_bh(txq) do { } while (0)

/* BQL without a limit. Return: whether the doorbell is due. */
static inline bool __netdev_tx_sent_queue(struct netdev_queue *txq,
					  unsigned int bytes, bool more)
{
	txq->sent++;
	txq->sent_bytes += bytes;
	return !more;
}

/* The kernel takes it for a bug if more is completed than was sent. */
void netdev_tx_completed_queue(struct netdev_queue *txq, unsigned int packets,
			       unsigned int bytes);

#define local_bh_disable() do { } while (0)
#define local_bh_enable() do { } while (0)
#define napi_schedule(napi) ((napi)->scheduled++)
#define napi_complete_done(napi, work) ((napi)->done++)

#endif /* SHIM_LINUX_NETDEVICE_H */

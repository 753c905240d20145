// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "ctrl.h"
#include "ctrl_msg.h"
#include "netback.h"

/*
 * Messages that are served in one go, before others that want the worker have
 * their turn. A frontend has no reason to send more than a handful at once.
 */
#define BATCH 16

static struct netback_ctrl *ctrl_of(struct xpv_queue *base)
{
	return container_of(base, struct netback_ctrl, base);
}

/* Context: hard interrupt, or interrupts off. */
static void ctrl_event(struct xpv_queue *base, unsigned int ring)
{
	xpv_device_queue_work(base->xdev, &ctrl_of(base)->work);
}

static const struct xpv_queue_type ctrl_type = {
	NETIF_CTRL_SHAPE,
	.event = ctrl_event,
};

/*
 * Show transmits what the guest has set. What they no longer see may be filled
 * again when those that saw it are through, for which a guest that sends one
 * message after the other waits here; it can make us do no more.
 */
static void publish_hash(struct netback_ctrl *ctrl)
{
	struct netback_hash *hash = NULL;
	bool was_on;

	lockdep_assert_held(&ctrl->lock);

	was_on = rcu_access_pointer(ctrl->active);
	if (netback_hash_on(&ctrl->config)) {
		cond_synchronize_rcu(ctrl->grace);
		hash = &ctrl->buffer[ctrl->next];
		netback_hash_build(hash, &ctrl->config);
		ctrl->next = !ctrl->next;
	}
	rcu_assign_pointer(ctrl->active, hash);
	if (was_on)
		ctrl->grace = start_poll_synchronize_rcu();
}

static u32 fetch_payload(struct netback_ctrl *ctrl, grant_ref_t ref,
			 unsigned int len)
{
	const struct xpv_copy_place from = { .ref = ref };
	struct xpv_copy copy;

	if (!len)
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	xpv_copy_in(&copy, ctrl->base.xdev, from, ctrl->payload, len);
	return xpv_copy_run(ctrl->base.xdev, &copy, 1) ?
	       XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER :
	       XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/* Return: XEN_NETIF_CTRL_STATUS_*; done, with all that follows from it. */
static u32 handle_request(struct netback_ctrl *ctrl,
			  const struct xen_netif_ctrl_request *req, u32 *data)
{
	unsigned int bytes;
	u32 status;

	status = netback_ctrl_check(&ctrl->config, req, &bytes);
	if (!status)
		status = fetch_payload(ctrl, req->data[0], bytes);
	if (!status)
		status = netback_ctrl_apply(&ctrl->config, req, ctrl->payload,
					    READ_ONCE(ctrl->nb->nr_queues),
					    data);
	if (status || req->type == XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS ||
	    req->type == XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE)
		return status;
	if (netback_hash_on(&ctrl->config) || rcu_access_pointer(ctrl->active))
		publish_hash(ctrl);
	return status;
}

static void serve_request(struct netback_ctrl *ctrl)
{
	struct xpv_slots *ring = &ctrl->base.ring[0].slots;
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response rsp = {};

	lockdep_assert_held(&ctrl->lock);

	xpv_slots_consume(ring, &req, sizeof(req));
	rsp.id = req.id;
	rsp.type = req.type;
	rsp.status = handle_request(ctrl, &req, &rsp.data);
	ctrl->served++;
	ctrl->refused += rsp.status != 0;
	/* One that asks for what it need not have does nothing wrong. */
	if (rsp.status > XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED)
		xpv_warn_peer(ctrl->base.xdev,
			      "control message %u (%u, %u, %u) refused: status %u",
			     req.type, req.data[0], req.data[1], req.data[2],
			     rsp.status);
	xpv_slots_produce(ring, &rsp, sizeof(rsp));
}

/* Return: messages served; -EPROTO after a violation. */
static int serve_ring(struct netback_ctrl *ctrl)
{
	struct xpv_slots *ring = &ctrl->base.ring[0].slots;
	int n = xpv_slots_requests(ring);
	int i;

	if (n < 0) {
		xpv_violation(ctrl->base.xdev, "impossible control index");
		return n;
	}
	n = min(n, BATCH);
	for (i = 0; i < n; i++)
		serve_request(ctrl);
	if (n && xpv_slots_push_responses(ring))
		xpv_queue_notify(&ctrl->base, 0);
	xpv_stat_add(&ctrl->base.stats, XPV_STAT_TAKEN, n);
	return n;
}

/* After a violation nothing is served, and the channel stays masked. */
static void ctrl_work(struct work_struct *work)
{
	struct netback_ctrl *ctrl = container_of(work, struct netback_ctrl,
						 work);
	int n;

	if (xpv_broken(ctrl->base.xdev))
		return;
	mutex_lock(&ctrl->lock);
	n = serve_ring(ctrl);
	mutex_unlock(&ctrl->lock);
	if (n < 0)
		return;

	ctrl->worked |= n;
	if (n < BATCH) {
		xpv_queue_eoi(&ctrl->base, 0, ctrl->worked);
		ctrl->worked = false;
		n = xpv_slots_final_check_requests(&ctrl->base.ring[0].slots,
						   1);
	}
	/* What cannot be is found out by the next turn. */
	if (n)
		xpv_device_queue_work(ctrl->base.xdev, work);
}

void netback_ctrl_init(struct netback *nb)
{
	struct netback_ctrl *ctrl = &nb->ctrl;

	ctrl->nb = nb;
	mutex_init(&ctrl->lock);
	INIT_WORK(&ctrl->work, ctrl_work);
	xpv_queue_init(&ctrl->base, nb->xdev, &ctrl_type, 0);
}

static int alloc_buffers(struct netback_ctrl *ctrl)
{
	/* A power of two: within a page, as a copy has to be. */
	BUILD_BUG_ON_NOT_POWER_OF_2(NETBACK_CTRL_PAYLOAD);
	ctrl->payload = kmalloc(NETBACK_CTRL_PAYLOAD, GFP_KERNEL);
	ctrl->buffer = kvcalloc(2, sizeof(*ctrl->buffer), GFP_KERNEL);
	return ctrl->payload && ctrl->buffer ? 0 : -ENOMEM;
}

int netback_ctrl_start(struct netback *nb)
{
	struct netback_ctrl *ctrl = &nb->ctrl;
	u64 ref;
	int err;

	err = xpv_peer_read_u64(nb->xdev, "ctrl-ring-ref", U32_MAX, &ref);
	if (err == -ENOENT)
		return 0;
	if (!err)
		err = alloc_buffers(ctrl);
	if (!err)
		err = xpv_queue_attach(&ctrl->base, 1, 0, NULL,
				       "xen-netback-ctrl");
	if (err)
		return err;

	ctrl->worked = false;
	ctrl->grace = get_completed_synchronize_rcu();
	WRITE_ONCE(ctrl->attached, true);
	xpv_queue_arm(&ctrl->base);
	return 0;
}

void netback_ctrl_stop(struct netback *nb)
{
	struct netback_ctrl *ctrl = &nb->ctrl;

	xpv_queue_disarm(&ctrl->base);
	cancel_work_sync(&ctrl->work);
	WRITE_ONCE(ctrl->attached, false);
	mutex_lock(&ctrl->lock);
	memset(&ctrl->config, 0, sizeof(ctrl->config));
	RCU_INIT_POINTER(ctrl->active, NULL);
	mutex_unlock(&ctrl->lock);
	if (ctrl->buffer)
		synchronize_net();
	kvfree(ctrl->buffer);
	ctrl->buffer = NULL;
	kfree(ctrl->payload);
	ctrl->payload = NULL;
	xpv_queue_destroy(&ctrl->base);
}

bool netback_ctrl_stale(struct netback *nb)
{
	return nb->ctrl.attached && xpv_queue_stale(&nb->ctrl.base, 1);
}

static u8 hash_skb(const struct netback_hash *hash, const struct sk_buff *skb,
		   u32 *value)
{
	u8 buffer[NETBACK_HASH_HEADERS];
	unsigned int len = min_t(unsigned int, skb->len, sizeof(buffer));
	const u8 *frame = skb_header_pointer(skb, 0, len, buffer);

	*value = 0;
	return frame ? netback_hash_frame(hash, frame, len, value) :
	       NETBACK_HASH_NONE;
}

/*
 * What is not hashed goes where a hash of 0 goes: a guest that leaves queues
 * out of its mapping wants nothing in them.
 */
bool netback_ctrl_queue(struct netback *nb, const struct sk_buff *skb,
			unsigned int nr, u16 *queue)
{
	const struct netback_hash *hash;
	u32 value;

	rcu_read_lock();
	hash = rcu_dereference(nb->ctrl.active);
	if (hash) {
		hash_skb(hash, skb, &value);
		*queue = netback_hash_queue(hash, value, nr);
	}
	rcu_read_unlock();
	return hash;
}

u8 netback_ctrl_hash(struct netback *nb, const struct sk_buff *skb,
		     u32 *value)
{
	const struct netback_hash *hash;
	u8 type = NETBACK_HASH_NONE;

	rcu_read_lock();
	hash = rcu_dereference(nb->ctrl.active);
	if (hash)
		type = hash_skb(hash, skb, value);
	rcu_read_unlock();
	return type;
}

/* The headings are those of the in-tree driver: people look for them. */
static void show_flags(struct seq_file *seq, u32 flags)
{
	static const char * const names[] = {
		[_XEN_NETIF_CTRL_HASH_TYPE_IPV4] = "IPv4",
		[_XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP] = "IPv4 + TCP",
		[_XEN_NETIF_CTRL_HASH_TYPE_IPV6] = "IPv6",
		[_XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP] = "IPv6 + TCP",
	};
	unsigned int i;

	seq_puts(seq, "\nHash Flags:\n");
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & BIT(i))
			seq_printf(seq, "- %s\n", names[i]);
}

static void show_mapping(struct seq_file *seq,
			 const struct netback_hash_config *config)
{
	unsigned int i;

	seq_puts(seq, "\nHash Mapping:\n");
	for (i = 0; i < config->size; i++) {
		if (i % 8 == 0)
			seq_printf(seq, "[%4u - %4u]:", i,
				   min(i + 7, config->size - 1));
		seq_printf(seq, " %4u%s", config->mapping[i],
			   i % 8 == 7 || i + 1 == config->size ? "\n" : "");
	}
}

void netback_ctrl_show(struct netback *nb, struct seq_file *seq)
{
	const struct netback_hash_config *config = &nb->ctrl.config;
	struct netback_ctrl *ctrl = &nb->ctrl;

	mutex_lock(&ctrl->lock);
	seq_printf(seq, "Messages: %llu, refused: %llu\n", ctrl->served,
		   ctrl->refused);
	seq_printf(seq, "Hash Algorithm: %s\n",
		   config->alg == XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ?
		   "TOEPLITZ" : "NONE");
	show_flags(seq, config->flags);
	seq_printf(seq, "\nHash Key:\n%*ph\n", NETBACK_HASH_KEY_SIZE,
		   config->key);
	if (config->size)
		show_mapping(seq, config);
	mutex_unlock(&ctrl->lock);
}

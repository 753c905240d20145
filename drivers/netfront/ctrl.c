// SPDX-License-Identifier: GPL-2.0
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/string.h>
#include <xen/interface/io/netif.h>

#include "ctrl.h"
#include "netfront.h"

/*
 * Longer than any backend that works needs for all that we have to say, also on
 * a machine that is busy.
 */
#define TIMEOUT_SECONDS 5

/*
 * What an ethtool command, and with it all who want RTNL, can be made to wait
 * by a backend that does not answer. One that works needs milliseconds.
 */
#define RTNL_TIMEOUT_SECONDS 2

/* Context: hard interrupt, or interrupts off. */
static void ctrl_event(struct xpv_queue *base, unsigned int ring)
{
	struct netfront_ctrl *ctrl =
		container_of(base, struct netfront_ctrl, base);

	WRITE_ONCE(ctrl->event, true);
	wake_up(&ctrl->wait);
	if (READ_ONCE(ctrl->stale))
		xpv_device_queue_work(base->xdev, &ctrl->sync);
}

static const struct xpv_queue_type ctrl_type = {
	NETIF_CTRL_SHAPE,
	.event = ctrl_event,
};

static struct xpv_slots *slots_of(struct netfront_ctrl *ctrl)
{
	return &ctrl->base.ring[0].slots;
}

static bool is_stopped(struct netfront_ctrl *ctrl)
{
	return !READ_ONCE(ctrl->started) || xpv_broken(ctrl->base.xdev);
}

/*
 * End the event, ask for the next, then look: an event after that look is
 * delivered. One with nothing in the ring is ended again, and by that slowed
 * down.
 *
 * Return: as netfront_ctrl_send(); 0 where there is an answer.
 */
static int wait_for_response(struct netfront_ctrl *ctrl)
{
	long left;
	int n;

	for (;;) {
		xpv_queue_eoi(&ctrl->base, 0, false);
		n = xpv_slots_final_check_responses(slots_of(ctrl), 1);
		left = ctrl->deadline - jiffies;
		if (n || left <= 0)
			break;
		wait_event_timeout(ctrl->wait,
				   xchg(&ctrl->event, false) ||
				   is_stopped(ctrl), left);
		if (is_stopped(ctrl))
			return -ENODEV;
	}
	if (n < 0) {
		xpv_violation(ctrl->base.xdev,
			      "more control responses than requests");
		return -ENODEV;
	}
	return n ? 0 : -ETIMEDOUT;
}

static int status_error(u32 status)
{
	switch (status) {
	case XEN_NETIF_CTRL_STATUS_SUCCESS:
		return 0;
	case XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED:
		return -EOPNOTSUPP;
	case XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER:
		return -EINVAL;
	case XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW:
		return -E2BIG;
	default:
		return -EIO;
	}
}

/* Wait for the answer to the message under way. */
static int consume_response(struct netfront_ctrl *ctrl,
			    struct xen_netif_ctrl_response *rsp)
{
	int err = wait_for_response(ctrl);

	if (err == -ETIMEDOUT && !ctrl->timed_out) {
		ctrl->timed_out = true;
		xpv_warn(ctrl->base.xdev,
			 "the backend has not answered control message %u in time\n",
			 ctrl->type);
	}
	if (err)
		return err;

	xpv_slots_consume(slots_of(ctrl), rsp, sizeof(*rsp));
	xpv_queue_eoi(&ctrl->base, 0, true);
	if (rsp->id != ctrl->id || rsp->type != ctrl->type) {
		xpv_violation(ctrl->base.xdev,
			      "control response %u of type %u to request %u of type %u",
			      rsp->id, rsp->type, ctrl->id, ctrl->type);
		return -ENODEV;
	}
	ctrl->in_flight = false;
	return 0;
}

int netfront_ctrl_send(struct netfront *nf, struct netfront_ctrl_msg *msg)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	struct xen_netif_ctrl_response rsp;
	struct xen_netif_ctrl_request req = {};
	int err = 0;

	lockdep_assert_held(&ctrl->lock);

	if (!READ_ONCE(ctrl->started))
		return -EOPNOTSUPP;
	/* A late one first: the backend may still look at the page. */
	if (ctrl->in_flight)
		err = consume_response(ctrl, &rsp);
	if (err)
		return err;

	req.id = ++ctrl->id;
	req.type = msg->type;
	ctrl->type = msg->type;
	memcpy(req.data, msg->data, sizeof(req.data));
	if (msg->payload) {
		memcpy(page_address(ctrl->page), msg->payload, msg->len);
		req.data[0] = ctrl->ref;
	}
	ctrl->in_flight = true;
	xpv_slots_produce(slots_of(ctrl), &req, sizeof(req));
	if (xpv_slots_push_requests(slots_of(ctrl)))
		xpv_queue_notify(&ctrl->base, 0);

	err = consume_response(ctrl, &rsp);
	if (err)
		return err;
	msg->result = rsp.data;
	return status_error(rsp.status);
}

void netfront_ctrl_lock(struct netfront *nf)
{
	mutex_lock(&nf->ctrl.lock);
	nf->ctrl.deadline = jiffies + TIMEOUT_SECONDS * HZ;
}

bool netfront_ctrl_lock_rtnl(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	unsigned long deadline = jiffies + RTNL_TIMEOUT_SECONDS * HZ;

	if (!wait_event_timeout(ctrl->wait, mutex_trylock(&ctrl->lock),
				RTNL_TIMEOUT_SECONDS * HZ))
		return false;
	ctrl->deadline = deadline;
	return true;
}

void netfront_ctrl_unlock(struct netfront *nf)
{
	mutex_unlock(&nf->ctrl.lock);
	wake_up(&nf->ctrl.wait);
}

void netfront_ctrl_init(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	init_waitqueue_head(&ctrl->wait);
	mutex_init(&ctrl->lock);
	xpv_queue_init(&ctrl->base, nf->xdev, &ctrl_type, 0);
}

static int grant_page(struct netfront_ctrl *ctrl)
{
	int err = xpv_gref_pool_init(&ctrl->grefs, 1, NULL);

	if (err)
		return err;
	if (!xpv_gref_pool_reserve(&ctrl->grefs, 1))
		return -ENOSPC;
	ctrl->page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!ctrl->page)
		return -ENOMEM;
	ctrl->ref = xpv_gref_take(&ctrl->grefs);
	xpv_grant(ctrl->base.xdev, ctrl->ref, ctrl->page, true);
	return 0;
}

void netfront_ctrl_create(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;
	char name[sizeof("vif123456789012-ctrl")];
	int err;

	if (!xpv_feature(nf->xdev, NETFRONT_CTRL))
		return;
	snprintf(name, sizeof(name), "vif%.12s-ctrl",
		 netfront_number(nf->xdev));
	err = xpv_queue_create(&ctrl->base, 0, false, name);
	if (!err)
		err = grant_page(ctrl);
	if (!err)
		return;
	xpv_warn(nf->xdev, "no control ring: error %d\n", err);
	netfront_ctrl_destroy(nf);
}

int netfront_ctrl_publish(struct netfront *nf, struct xpv_transaction *xbt)
{
	if (xpv_queue_connected(&nf->ctrl.base))
		return xpv_queue_publish(&nf->ctrl.base, xbt, 1);
	/* A former connection's, which a backend would map. */
	xpv_own_remove(nf->xdev, xbt, "ctrl-ring-ref");
	xpv_own_remove(nf->xdev, xbt, "event-channel-ctrl");
	return 0;
}

void netfront_ctrl_start(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	if (!xpv_queue_connected(&ctrl->base))
		return;
	mutex_lock(&ctrl->lock);
	ctrl->in_flight = false;
	ctrl->timed_out = false;
	xpv_queue_arm(&ctrl->base);
	WRITE_ONCE(ctrl->started, true);
	/*
	 * @sync runs when there is a sign of the backend: an event, which ours
	 * sends when it comes, or that it is connected. Any earlier it would
	 * warn about one that takes its time.
	 */
	WRITE_ONCE(ctrl->stale, true);
	netfront_ctrl_unlock(nf);
}

void netfront_ctrl_stop(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	WRITE_ONCE(ctrl->started, false);
	wake_up(&ctrl->wait);
	xpv_queue_disarm(&ctrl->base);
}

void netfront_ctrl_destroy(struct netfront *nf)
{
	struct netfront_ctrl *ctrl = &nf->ctrl;

	if (ctrl->page)
		xpv_grant_free(nf->xdev, &ctrl->grefs, ctrl->ref, ctrl->page);
	ctrl->page = NULL;
	xpv_gref_pool_fini(&ctrl->grefs);
	xpv_queue_destroy(&ctrl->base);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool -x, -X, -n and -N get to see of a backend that answers late, or
 * otherwise each time: netfront/rss.c. As ethtool does it under one RTNL: ask
 * for the table's size, allocate so much, get or set. The sanitizer sees the
 * rest.
 */
#include <compat/ethtool.h>
#include <xen/interface/io/netif.h>

#include "fake.h"
#include "netfront/netfront.h"

#define QUEUES 4

static struct netfront nf;
static struct fake_device front;

/* The backend, asked without a ring: ctrl.c has a test of its own. */
static struct {
	unsigned int asked;
	u32 size;
	int size_err;
	u16 refuses;	/* messages of this type */
	int err;	/* with this */
	bool busy;	/* somebody waits for it under the lock */
} back_end;

void *netdev_priv(const struct net_device *netdev)
{
	return &nf;
}

bool netif_is_rxfh_configured(const struct net_device *netdev)
{
	return false;
}

void netdev_rss_key_fill(void *key, size_t len)
{
	memset(key, 7, len);
}

int netfront_ctrl_send(struct netfront *front, struct netfront_ctrl_msg *msg)
{
	lockdep_assert_held(&front->ctrl.lock);
	back_end.asked++;
	msg->result = 0;
	if (msg->type == XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE) {
		msg->result = back_end.size;
		return back_end.size_err;
	}
	if (msg->type == XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS)
		msg->result = 15;
	return msg->type == back_end.refuses ? back_end.err : 0;
}

void netfront_ctrl_lock(struct netfront *front)
{
	mutex_lock(&front->ctrl.lock);
}

bool netfront_ctrl_lock_rtnl(struct netfront *front)
{
	if (back_end.busy)
		return false;
	mutex_lock(&front->ctrl.lock);
	return true;
}

void netfront_ctrl_unlock(struct netfront *front)
{
	mutex_unlock(&front->ctrl.lock);
}

static int setup(void **state)
{
	fake_setup(state);
	fake_device_init(&front, XPV_FRONT);
	memset(&nf, 0, sizeof(nf));
	memset(&back_end, 0, sizeof(back_end));
	back_end.size = 128;
	nf.xdev = &front.xdev;
	nf.nr_queues = QUEUES;
	nf.ctrl.stale = true;
	netfront_rss_init(&nf);
	return 0;
}

/* What the control ring's work does, at any moment. */
static void sync(void)
{
	nf.ctrl.sync.fn(&nf.ctrl.sync);
}

/* ethtool -x: the backend has its say between the size and its use. */
static int get(u32 now)
{
	u32 size = netfront_rss_table_size(NULL);
	u32 *table = malloc(size * sizeof(*table));
	struct ethtool_rxfh_param param = { .indir = table };
	unsigned int i;
	int err;

	back_end.size = now;
	sync();
	err = netfront_rss_get(NULL, &param);
	for (i = 0; !err && i < size; i++)
		assert_int_equal(table[i], i % QUEUES);
	free(table);
	return err;
}

/* ethtool -X default, the same way. */
static int set_default(u32 now)
{
	u32 size = netfront_rss_table_size(NULL);
	u32 *table = malloc(size * sizeof(*table));
	struct ethtool_rxfh_param param = { .indir = table };
	unsigned int i;
	int err;

	for (i = 0; i < size; i++)
		table[i] = i % QUEUES;
	back_end.size = now;
	sync();
	err = netfront_rss_set(NULL, &param, NULL);
	free(table);
	return err;
}

/* A -X that the backend refuses, and so is not to be trusted to have undone. */
static void fail_set(void)
{
	struct ethtool_rxfh_param param = { .hfunc = ETH_RSS_HASH_TOP };

	back_end.refuses = XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM;
	back_end.err = -EINVAL;
	assert_int_equal(netfront_rss_set(NULL, &param, NULL), -EINVAL);
	back_end.refuses = 0;
	assert_true(nf.ctrl.stale);
	assert_false(nf.rss.on);
}

/* Fails when the size is asked for anew with each round: 512 bytes into 4. */
static void size_holds(void **state)
{
	back_end.size = 1;
	sync();
	assert_int_equal(netfront_rss_table_size(NULL), 1);
	/* It has let somebody wait in vain: only the work asks it any more. */
	nf.ctrl.timed_out = true;
	fail_set();
	assert_int_equal(get(128), 0);
	fail_set();
	assert_int_equal(set_default(128), 0);
	assert_int_equal(netfront_rss_table_size(NULL), 1);

	/* Another connection may have another. */
	netfront_rss_disconnect(&nf);
	assert_int_equal(netfront_rss_table_size(NULL), 0);
	nf.ctrl.stale = true;
	back_end.size = 64;
	sync();
	assert_int_equal(netfront_rss_table_size(NULL), 64);
}

/* Larger than any that is used. */
static void size_bound(void **state)
{
	back_end.size = U32_MAX;
	sync();
	assert_int_equal(netfront_rss_table_size(NULL), NETFRONT_RSS_MAX_TABLE);
	assert_int_equal(get(1), 0);
}

/* Fails when the first answer has ethtool's empty table read or written. */
static void first_answer_between(void **state)
{
	assert_int_equal(get(128), -EAGAIN);
	assert_int_equal(get(128), 0);
	setup(state);
	assert_int_equal(set_default(128), -EAGAIN);
	assert_int_equal(set_default(128), 0);
}

/* Fails when a connection that ends leaves memory to be filled from nothing. */
static void end_between(void **state)
{
	u32 table[128];
	struct ethtool_rxfh_param param = { .indir = table };

	sync();
	assert_int_equal(netfront_rss_table_size(NULL), 128);
	netfront_rss_disconnect(&nf);
	assert_int_equal(netfront_rss_get(NULL, &param), -EOPNOTSUPP);
	assert_int_equal(netfront_rss_set(NULL, &param, NULL), -EOPNOTSUPP);
}

/*
 * RTNL is held: fails when what only gets says anything to the backend, or
 * waits for who does.
 */
static void getting_waits_for_nobody(void **state)
{
	struct ethtool_rxfh_fields fields = { .flow_type = TCP_V4_FLOW };
	struct ethtool_rxfh_param param = {};

	back_end.busy = true;
	mutex_lock(&nf.ctrl.lock);
	assert_int_equal(netfront_rss_table_size(NULL), 0);
	assert_int_equal(netfront_rss_key_size(NULL), 0);
	assert_int_equal(netfront_rss_get(NULL, &param), -EOPNOTSUPP);
	assert_int_equal(netfront_rss_get_fields(NULL, &fields), -EOPNOTSUPP);
	mutex_unlock(&nf.ctrl.lock);
	assert_int_equal(back_end.asked, 0);

	sync();
	assert_int_equal(back_end.asked, 1);
	nf.ctrl.stale = true;
	mutex_lock(&nf.ctrl.lock);
	assert_int_equal(netfront_rss_table_size(NULL), 128);
	assert_int_equal(netfront_rss_key_size(NULL), NETFRONT_RSS_KEY_SIZE);
	assert_int_equal(netfront_rss_get(NULL, &param), 0);
	assert_int_equal(netfront_rss_get_fields(NULL, &fields), 0);
	assert_int_equal(fields.data, RXH_IP_SRC | RXH_IP_DST |
				      RXH_L4_B_0_1 | RXH_L4_B_2_3);
	assert_int_equal(netfront_rss_set(NULL, &param, NULL), -EBUSY);
	assert_int_equal(netfront_rss_set_fields(NULL, &fields, NULL), -EBUSY);
	mutex_unlock(&nf.ctrl.lock);
	assert_int_equal(back_end.asked, 1);
}

/* Fails when a time-out under RTNL is followed by more messages there. */
static void late_is_left_to_the_work(void **state)
{
	struct ethtool_rxfh_param param = { .hfunc = ETH_RSS_HASH_TOP };

	sync();
	back_end.refuses = XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM;
	back_end.err = -ETIMEDOUT;
	back_end.asked = 0;
	assert_int_equal(netfront_rss_set(NULL, &param, NULL), -ETIMEDOUT);
	assert_int_equal(back_end.asked, 1);
	assert_true(nf.ctrl.stale);
	assert_int_equal(nf.ctrl.sync.queued, 1);
}

#define rss_test(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

UNIT_MAIN(rss_test(size_holds),
	  rss_test(size_bound),
	  rss_test(first_answer_between),
	  rss_test(end_between),
	  rss_test(getting_waits_for_nobody),
	  rss_test(late_is_left_to_the_work))

// SPDX-License-Identifier: GPL-2.0
/* Fields of flows and the protocol's hash types: netfront/flow.c. */
#include <linux/ethtool.h>

#include "fake.h"
#include "netfront/flow.h"

#define NONE 0
#define IP (RXH_IP_SRC | RXH_IP_DST)
#define ALL (IP | RXH_L4_B_0_1 | RXH_L4_B_2_3)

static u64 fields(u32 flow, u32 types)
{
	u64 got = 12345;

	assert_int_equal(netfront_flow_fields(flow, types, &got), 0);
	return got;
}

/* Types after a choice, or -EINVAL with nothing changed. */
static int set(u32 flow, u64 wanted, u32 types)
{
	u32 before = types;
	int err = netfront_flow_set(flow, wanted, &types);

	if (err) {
		assert_int_equal(types, before);
		return err;
	}
	assert_int_equal(fields(flow, types), wanted);
	return types;
}

/* Fails when ports are promised of what has none in the hash, or kept back. */
static void shown(void **state)
{
	assert_int_equal(fields(TCP_V4_FLOW, 0xf), ALL);
	assert_int_equal(fields(TCP_V6_FLOW, 0xf), ALL);
	assert_int_equal(fields(TCP_V4_FLOW, 0xd), IP);
	assert_int_equal(fields(TCP_V4_FLOW, 0xc), NONE);
	assert_int_equal(fields(TCP_V6_FLOW, 0x3), NONE);
	assert_int_equal(fields(TCP_V6_FLOW, 0x8), ALL);
	assert_int_equal(fields(UDP_V4_FLOW, 0xf), IP);
	assert_int_equal(fields(UDP_V4_FLOW, 0xe), NONE);
	assert_int_equal(fields(UDP_V6_FLOW, 0xf), IP);
	assert_int_equal(fields(SCTP_V6_FLOW, 0xb), NONE);
	assert_int_equal(fields(IPV4_FLOW, 0x1), IP);
	assert_int_equal(fields(IPV6_FLOW, 0x1), NONE);
}

static void tcp(void **state)
{
	assert_int_equal(set(TCP_V4_FLOW, IP, 0xf), 0xd);
	assert_int_equal(set(TCP_V4_FLOW, ALL, 0xd), 0xf);
	assert_int_equal(set(TCP_V4_FLOW, ALL, 0), 0x2);
	assert_int_equal(set(TCP_V6_FLOW, IP, 0xf), 0x7);
	assert_int_equal(set(TCP_V6_FLOW, NONE, 0xb), 0x3);
	/* TCP follows IP in general. */
	assert_int_equal(set(TCP_V4_FLOW, NONE, 0xf), -EINVAL);
	assert_int_equal(set(TCP_V4_FLOW, IP, 0x2), -EINVAL);
	/* One port, one address, the VLAN. */
	assert_int_equal(set(TCP_V4_FLOW, IP | RXH_L4_B_0_1, 0xf), -EINVAL);
	assert_int_equal(set(TCP_V4_FLOW, RXH_IP_SRC, 0xf), -EINVAL);
	assert_int_equal(set(TCP_V4_FLOW, ALL | RXH_VLAN, 0xf), -EINVAL);
	assert_int_equal(set(TCP_V4_FLOW, 1ULL << 31, 0xf), -EINVAL);
}

static void others(void **state)
{
	assert_int_equal(set(IPV4_FLOW, NONE, 0xf), 0xe);
	assert_int_equal(set(IPV4_FLOW, IP, 0xe), 0xf);
	assert_int_equal(set(IPV6_FLOW, NONE, 0xf), 0xb);
	assert_int_equal(set(IPV6_FLOW, ALL, 0xf), -EINVAL);
	/* Nothing of their own to choose. */
	assert_int_equal(set(UDP_V4_FLOW, IP, 0xf), 0xf);
	assert_int_equal(set(UDP_V4_FLOW, ALL, 0xf), -EINVAL);
	assert_int_equal(set(UDP_V4_FLOW, NONE, 0xf), -EINVAL);
	assert_int_equal(set(UDP_V4_FLOW, NONE, 0xe), 0xe);
	assert_int_equal(set(UDP_V6_FLOW, IP, 0xb), -EINVAL);
}

static void no_such_flow(void **state)
{
	u32 types = 0xf;
	u64 got;

	assert_int_equal(netfront_flow_fields(ETHER_FLOW, 0xf, &got), -EINVAL);
	assert_int_equal(netfront_flow_fields(0, 0xf, &got), -EINVAL);
	assert_int_equal(netfront_flow_fields(TCP_V4_FLOW | FLOW_RSS, 0xf,
					      &got), -EINVAL);
	assert_int_equal(netfront_flow_set(ETHER_FLOW, 0, &types), -EINVAL);
	assert_int_equal(types, 0xf);
}

UNIT_MAIN(fake_unit_test(shown),
	  fake_unit_test(tcp),
	  fake_unit_test(others),
	  fake_unit_test(no_such_flow))

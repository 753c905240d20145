// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/string.h>

#include "ratelimit.h"

/*
 * Credit for more time than this is not counted; a bucket that takes longer to
 * fill is one of less than 16 KiB a second.
 */
#define MAX_GAP 8000000ULL

void netback_rate_set(struct netback_rate *rate, u64 bytes, u64 usec, u64 now)
{
	rate->bytes = bytes;
	rate->usec = usec;
	rate->burst = bytes > NETBACK_RATE_BURST ? bytes : NETBACK_RATE_BURST;
	rate->credit = rate->burst;
	rate->last = now;
	rate->fraction = 0;
}

static void fill(struct netback_rate *rate, u64 now)
{
	u64 gap = now - rate->last;
	u64 flown, add;

	/* A clock read on another CPU may lie a little behind. */
	if ((s64)gap <= 0)
		return;
	if (gap > MAX_GAP)
		gap = MAX_GAP;

	flown = gap * rate->bytes + rate->fraction;
	rate->last = now;
	rate->fraction = flown % rate->usec;
	add = flown / rate->usec;
	if (add > (u64)(rate->burst - rate->credit))
		add = rate->burst - rate->credit;
	rate->credit += add;
}

u64 netback_rate_take(struct netback_rate *rate, unsigned int size, u64 now)
{
	if (!rate->usec)
		return 0;

	fill(rate, now);
	if (rate->credit <= 0)
		return ((1 - rate->credit) * rate->usec + rate->bytes - 1) /
			rate->bytes;
	rate->credit -= size;
	return 0;
}

/* As xpv_parse_u64(), which common/ keeps to itself as yet. */
static int parse(const char *text, u64 max, u64 *val)
{
	u64 sum = 0;

	do {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		sum = sum * 10 + *text - '0';
		if (sum > max)
			return -ERANGE;
	} while (*++text);
	*val = sum;
	return 0;
}

int netback_rate_parse(char *text, u64 *bytes, u64 *usec)
{
	char *comma = strchr(text, ',');
	u64 b, u;
	int err;

	if (!comma)
		return -EINVAL;
	*comma = '\0';
	err = parse(text, NETBACK_RATE_MAX_BYTES, &b);
	if (!err)
		err = parse(comma + 1, NETBACK_RATE_MAX_USEC, &u);
	if (err)
		return err;
	/* Nothing at all for ever is a mistake, not a rate. */
	if (!b && u)
		return -EINVAL;

	*bytes = b;
	*usec = u;
	return 0;
}

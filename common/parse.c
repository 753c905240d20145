// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/limits.h>

#include "parse.h"

int xpv_parse_u64(const char *text, u64 max, u64 *val)
{
	u64 sum = 0;

	if (!*text)
		return -EINVAL;

	for (; *text; text++) {
		unsigned int digit = (unsigned char)*text - '0';

		if (digit > 9)
			return -EINVAL;
		if (sum > (U64_MAX - digit) / 10)
			return -ERANGE;
		sum = sum * 10 + digit;
	}
	if (sum > max)
		return -ERANGE;

	*val = sum;
	return 0;
}

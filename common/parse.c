// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/limits.h>

#include "parse.h"

/* Longer than any number, state or name of the protocols. */
#define PRINTABLE_LEN 32

int xpv_parse_u64(const char *text, u64 max, u64 *val)
{
	bool overflow = false;
	u64 sum = 0;

	if (!*text)
		return -EINVAL;

	for (; *text; text++) {
		unsigned int digit = (unsigned char)*text - '0';

		if (digit > 9)
			return -EINVAL;
		/* Go on: what follows may show that this is no number. */
		overflow |= sum > (U64_MAX - digit) / 10;
		sum = sum * 10 + digit;
	}
	if (overflow || sum > max)
		return -ERANGE;

	*val = sum;
	return 0;
}
EXPORT_SYMBOL_GPL(xpv_parse_u64);

char *xpv_printable(char *text)
{
	unsigned int i;

	for (i = 0; i < PRINTABLE_LEN && text[i]; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	text[i] = '\0';
	return text;
}
EXPORT_SYMBOL_GPL(xpv_printable);

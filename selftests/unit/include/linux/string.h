/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <string.h>
#include <linux/types.h>

/* Return: the length copied; the kernel's -E2BIG is of no use here. */
static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from);

	if (len > size - 1)
		len = size - 1;
	memcpy(to, from, len);
	to[len] = '\0';
	return len;
}

#endif /* SHIM_LINUX_STRING_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* glibc's own <errno.h> comes through here: nothing but the numbers. */
#include_next <linux/errno.h>

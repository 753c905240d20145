/* SPDX-License-Identifier: GPL-2.0 */
/* Found only where the kernel has no such header: what it declares was here. */
#include <linux/kernel.h>

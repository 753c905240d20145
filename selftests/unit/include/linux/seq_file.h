/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SEQ_FILE_H
#define SHIM_LINUX_SEQ_FILE_H

#include <linux/compiler.h>
#include <linux/types.h>

struct seq_file {
	char text[4096];
	size_t len;
};

__printf(2, 3)
void seq_printf(struct seq_file *seq, const char *fmt, ...);

#endif /* SHIM_LINUX_SEQ_FILE_H */

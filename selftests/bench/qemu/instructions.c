// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU: counts the instructions that Xen, the kernels and their
 * users execute, and writes the three sums down whenever a certain no-op is
 * executed (cputime.py has it executed in dom0).
 *
 *	-plugin instructions.so,out=FILE
 *
 * For a machine of one processor: nothing here is atomic.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

int qemu_plugin_version = 1;

enum part { XEN, KERNEL, USER, PARTS };

static uint64_t count[PARTS];
static FILE *out;

/* nopl 0x78707600(%rax,%rax): "vpx", which no compiler makes. */
static const unsigned char mark[] = { 0x0f, 0x1f, 0x84, 0x00,
				      0x00, 0x76, 0x70, 0x78 };

/* All that Xen executes, by xen/arch/x86/include/asm/config.h: one GiB. */
#define XEN_START 0xffff82d040000000ULL
#define XEN_SIZE 0x40000000
#define USER_END 0x800000000000ULL

static enum part part_of(uint64_t address)
{
	if (address < USER_END)
		return USER;
	return address - XEN_START < XEN_SIZE ? XEN : KERNEL;
}

static void marked(unsigned int cpu, void *data)
{
	fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", count[XEN],
		count[KERNEL], count[USER]);
	fflush(out);
}

static bool is_mark(const struct qemu_plugin_insn *insn)
{
	return qemu_plugin_insn_size(insn) == sizeof(mark) &&
	       !memcmp(qemu_plugin_insn_data(insn), mark, sizeof(mark));
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	enum part part = part_of(qemu_plugin_tb_vaddr(tb));
	size_t i, nr = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *insn;

	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
						 &count[part], nr);
	for (i = 0; part == USER && i < nr; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		if (!is_mark(insn))
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, marked,
						       QEMU_PLUGIN_CB_NO_REGS,
						       NULL);
	}
}

int qemu_plugin_install(uint64_t id, const struct qemu_plugin_info *info,
			int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "instructions: one argument, out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		fprintf(stderr, "instructions: cannot write %s\n", argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}

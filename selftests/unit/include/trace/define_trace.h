/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints are empty functions here; see linux/tracepoint.h. */

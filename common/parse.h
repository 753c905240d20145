/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strict reading of numbers that a peer or a toolstack wrote.
 *
 * Pure: no kernel call, compiled into the unit tests as it stands.
 */
#ifndef XPV_PARSE_H
#define XPV_PARSE_H

#include <linux/types.h>

/**
 * xpv_parse_u64() - read an unsigned decimal number, and nothing else
 * @text: NUL-terminated string, as long as the peer likes
 * @max: greatest value accepted
 * @val: where the number goes; untouched on error
 *
 * No sign, no blanks, no base prefix, no trailing characters, at least one
 * digit: scanf-style reading takes "1x", "-1" and "4294967297" for numbers
 * (CVE-2026-45890 began as such a value).
 *
 * Context: any; pure.
 * Return: 0, -EINVAL where @text is no number, -ERANGE above @max.
 */
int xpv_parse_u64(const char *text, u64 max, u64 *val);

/**
 * xpv_printable() - make what a peer wrote fit for a line in the log
 * @text: string, cut to what tells it from others; anything but printable
 *	  ASCII becomes '?', so that it cannot start a line of its own
 *
 * Context: any; pure.
 * Return: @text.
 */
char *xpv_printable(char *text);

#endif /* XPV_PARSE_H */

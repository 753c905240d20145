/* SPDX-License-Identifier: GPL-2.0 */
/* glibc's own <limits.h> comes through here: nothing but macros. */
#include_next <linux/limits.h>

#ifndef U32_MAX
#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX ((u32)~0U)
#define U64_MAX ((u64)~0ULL)
#endif

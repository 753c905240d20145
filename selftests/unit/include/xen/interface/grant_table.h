/* SPDX-License-Identifier: GPL-2.0 */
#include <xen/grant_table.h>

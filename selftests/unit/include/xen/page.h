/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_XEN_PAGE_H
#define SHIM_XEN_PAGE_H

#include <linux/mm.h>

#define XEN_PAGE_SIZE 4096

#endif /* SHIM_XEN_PAGE_H */

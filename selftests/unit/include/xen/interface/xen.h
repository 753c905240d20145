/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_XEN_INTERFACE_XEN_H
#define SHIM_XEN_INTERFACE_XEN_H

#include <xen/grant_table.h>	/* domid_t */

#endif /* SHIM_XEN_INTERFACE_XEN_H */

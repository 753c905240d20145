// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>

#include "platform.h"

bool xpv_disks_allowed(void)
{
	return xen_has_pv_devices() && xen_has_pv_disk_devices();
}
EXPORT_SYMBOL_GPL(xpv_disks_allowed);

bool xpv_nics_allowed(void)
{
	return xen_has_pv_devices() && xen_has_pv_nic_devices();
}
EXPORT_SYMBOL_GPL(xpv_nics_allowed);

bool xpv_hvm_guest(void)
{
	return xen_hvm_domain();
}
EXPORT_SYMBOL_GPL(xpv_hvm_guest);

bool xpv_disks_emulated(void)
{
	return xen_hvm_domain() && xen_has_pv_and_legacy_disk_devices();
}
EXPORT_SYMBOL_GPL(xpv_disks_emulated);

// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

const char *xpv_stat_name(unsigned int id)
{
	static const char * const name[XPV_STAT_DRIVER] = {
		[XPV_STAT_TAKEN] = "slots_taken",
		[XPV_STAT_PUT] = "slots_put",
		[XPV_STAT_MAPS] = "maps",
		[XPV_STAT_MAP_CALLS] = "map_calls",
		[XPV_STAT_UNMAPS] = "unmaps",
		[XPV_STAT_UNMAP_CALLS] = "unmap_calls",
		[XPV_STAT_COPIES] = "copies",
		[XPV_STAT_COPY_CALLS] = "copy_calls",
		[XPV_STAT_GRANTS] = "grants",
		[XPV_STAT_STALLS] = "stalls",
		[XPV_STAT_BAD] = "bad_entries",
	};

	return id < XPV_STAT_DRIVER ? name[id] : "?";
}

// SPDX-License-Identifier: GPL-2.0
#include "mcast.h"

void netback_mcast_init(struct netback_mcast *mc)
{
	spin_lock_init(&mc->lock);
}

/* Return: its place, @mc->nr where it is not there. */
static unsigned int find(struct netback_mcast *mc, const u8 *addr)
{
	unsigned int i;

	lockdep_assert_held(&mc->lock);

	for (i = 0; i < mc->nr; i++)
		if (!memcmp(mc->addr[i], addr, ETH_ALEN))
			break;
	return i;
}

static int add_addr(struct netback_mcast *mc, const u8 *addr)
{
	if (find(mc, addr) < mc->nr)
		return 0;
	if (mc->nr == NETBACK_MCAST_MAX)
		return -ENOSPC;
	memcpy(mc->addr[mc->nr++], addr, ETH_ALEN);
	return 0;
}

static void del_addr(struct netback_mcast *mc, const u8 *addr)
{
	unsigned int i = find(mc, addr);

	if (i == mc->nr)
		return;
	mc->nr--;
	memmove(mc->addr[i], mc->addr[mc->nr], ETH_ALEN);
}

int netback_mcast_change(struct netback_mcast *mc, bool add, const u8 *addr)
{
	unsigned long flags;
	int err = 0;

	if (!is_multicast_ether_addr(addr))
		return -EINVAL;

	spin_lock_irqsave(&mc->lock, flags);
	if (add)
		err = add_addr(mc, addr);
	else
		del_addr(mc, addr);
	spin_unlock_irqrestore(&mc->lock, flags);
	return err;
}

void netback_mcast_flush(struct netback_mcast *mc)
{
	unsigned long flags;

	WRITE_ONCE(mc->active, false);
	spin_lock_irqsave(&mc->lock, flags);
	mc->nr = 0;
	spin_unlock_irqrestore(&mc->lock, flags);
}

bool netback_mcast_wants(struct netback_mcast *mc, const u8 *dest)
{
	unsigned long flags;
	bool found;

	if (!READ_ONCE(mc->active) || !is_multicast_ether_addr(dest) ||
	    is_broadcast_ether_addr(dest))
		return true;

	/* Transmits come from hard interrupts too (netconsole). */
	spin_lock_irqsave(&mc->lock, flags);
	found = find(mc, dest) < mc->nr;
	spin_unlock_irqrestore(&mc->lock, flags);
	return found;
}

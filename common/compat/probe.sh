#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Asks a kernel's headers which form of an interface they have and prints the
# answers as defines. Stable branches backport interface changes, so the text
# of the headers is asked, not the version number.
# Usage: probe.sh KDIR > config.h
set -eu

kdir=${1:?usage: probe.sh KDIR}
# Debian splits the headers: the build folder's Makefile includes the common one.
src=$kdir
if [ ! -e "$src/include/xen/xenbus.h" ]; then
	src=$(sed -n 's/^include \(\/.*\)\/Makefile$/\1/p' "$kdir/Makefile")
fi
if [ ! -e "$src/include/xen/xenbus.h" ]; then
	echo "probe.sh: $kdir: no include/xen/xenbus.h: not a kernel build folder?" >&2
	exit 1
fi

# has NAME FILE PATTERN: 1 if the basic regular expression occurs in the file.
has()
{
	value=0
	if grep -qs -- "$3" "$src/include/$2"; then
		value=1
	fi
	echo "#define XPV_HAVE_$1 $value"
}

# dkms up to 3.0.10 replaces no module of the kernel's that has the same version,
# and those of the kernel's own have none: so each of ours has one.
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$(dirname "$0")/../../dkms.conf" 2>/dev/null || :)

echo "/* Made by common/compat/probe.sh from $src; do not edit. */"
echo "#define XPV_VERSION \"${version:-0}\""
has REMOVE_VOID xen/xenbus.h 'void (\*remove)(struct xenbus_device'
has UEVENT_CONST xen/xenbus.h 'int (\*uevent)(const struct xenbus_device'
has ASSIGN_STR_1 trace/stages/stage6_event_callback.h 'define __assign_str(dst)'
has HRTIMER_SETUP linux/hrtimer.h 'void hrtimer_setup('
has NTH_PAGE linux/mm.h 'define nth_page('
has XDP_FEATURES linux/netdevice.h 'xdp_features_t'
has SET_MAC_STORAGE linux/netdevice.h 'int dev_set_mac_address(.*struct sockaddr_storage'
has ALLOC_NETDEV_DUMMY linux/netdevice.h 'alloc_netdev_dummy('
has RXFH_PARAM linux/ethtool.h '^struct ethtool_rxfh_param {'
has RXFH_FIELDS linux/ethtool.h '(\*get_rxfh_fields)('
has RX_RING_COUNT linux/ethtool.h '(\*get_rx_ring_count)('
has ALLOC_DISK_LIMITS linux/blk-mq.h 'define blk_mq_alloc_disk(set, lim, queuedata)'
has LIMITS_FEATURES linux/blkdev.h 'define BLK_FEAT_WRITE_CACHE'
has SHOULD_MERGE linux/blk-mq.h 'BLK_MQ_F_SHOULD_MERGE'
has RQ_LIST linux/blkdev.h 'struct rq_list req_list;'
has BLK_MODE linux/blkdev.h 'blk_mode_t;'
has RELEASE_MODE linux/blkdev.h '(\*release) *(struct gendisk \*, fmode_t)'
has OPEN_DISK linux/blkdev.h '(\*open) *(struct gendisk'
has GETGEO_DISK linux/blkdev.h '(\*getgeo) *(struct gendisk'
has ZONED_MODEL linux/blkdev.h 'bdev_zoned_model('
has BDEV_FILE linux/blkdev.h 'bdev_file_open_by_dev('

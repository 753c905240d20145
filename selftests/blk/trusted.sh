#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# For a backend that is not trusted, data goes through pages of blkfront's own
# and arrives all the same; the backend never sees what else was in a page.
# Chosen by the module's parameter or by the toolstack for one device.
#
# Would fail (not tried yet): blkfront that bounces only one way (fio's crc), that ignores
# either choice (nothing bounced).
# timeout: 200
. "$(dirname "$0")/pair.sh"

verify() {
	fio --name=v --filename=/dev/xvdb --rw=randwrite --bsrange=512-128k \
		--size=2m --ioengine=libaio --iodepth=16 --direct=1 --randseed=3 \
		--iomem_align=512 --verify=crc32c --verify_fatal=1 --minimal
}

requests() { echo $(($(front_stat 0 xvdb reads) + $(front_stat 0 xvdb writes))); }
# bounces DESC yes|no
bounces() {
	local all bounced
	check "$1: fio verifies" verify
	is "$1: the same bytes in dom0" "$(sha /dev/xvdb)" "$(sha "$(disk_file d1)")"
	# udev looks at the disk when a writer has closed it, perhaps just now
	until [ "$(requests)" = "${all-}" ]; do
		all=$(requests)
		# with persistent grants it is one of the pages that both know already
		bounced=$(($(front_stat 0 xvdb bounced) + $(front_stat 0 xvdb persistent)))
	done
	diag "$bounced of $all requests were copied"
	case $2 in
	yes) is "$1: all were copied" "$bounced" "$all" ;;
	no) is "$1: none was copied" "$bounced" 0 ;;
	esac
}

pair_setup own
# Data that is copied anyway would show nothing.
need frontend_use 0 blkfront "$FRONT" feature_persistent=0
need disk_create d1 size=4

need disk_attach 0 d1 xvdb
bounces "trusted" no
check "trusted: the disk goes" disk_detach 0 xvdb

# The toolstack's word, where the frontend reads it before it connects.
# udev may still be looking at a disk
need wait_until 20 frontend_use 0 blkfront none
need disk_attach 0 d1 xvdb w nowait
need xenstore-write "$(disk_frontend 0 xvdb)/trusted" 0
said_from
need frontend_use 0 blkfront "$FRONT" feature_persistent=0
need disk_wait 0 xvdb
check "trusted=0 in xenstore: the log says so" said "xvdb: .*bounce buffer: enabled"
bounces "trusted=0 in xenstore" yes
check "trusted=0 in xenstore: the disk goes" disk_detach 0 xvdb

need wait_until 20 frontend_use 0 blkfront "$FRONT" trusted=0
need disk_attach 0 d1 xvdb
bounces "trusted=0 of the module" yes
check "trusted=0 of the module: the disk goes" disk_detach 0 xvdb

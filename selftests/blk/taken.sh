#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk whose name another driver has: the frontend says so, closes, and works when it
# is attached again later.
#
# Would fail (not tried), on a kernel with lockdep: the work that adds the disk fails the
# device without the device's lock.
# timeout: 90
# allow: cannot create duplicate filename|Call Trace|kobject_add_internal failed
. "$(dirname "$0")/pair.sh"
folder=/sys/kernel/config/nullb/xvdb

take_name() {
	modprobe null_blk nr_devices=0
	mkdir $folder && echo 8 >$folder/size && echo 1 >$folder/power
	# Linux before 6.0 names it by number.
	[ -b /dev/xvdb ]
}
free_name() { [ ! -e $folder ] || { echo 0 >$folder/power; rmdir $folder; }; }
front_is() { [ "$(xenstore-read "$(disk_frontend 0 xvdb)/state")" = "$1" ]; }
error() { xenstore-read "/local/domain/0/error/device/vbd/$(disk_number xvdb)/error"; }

pair_setup own
need disk_create d1 size=8
at_exit free_name
need take_name
said_from
need disk_attach 0 d1 xvdb w nowait
check "it is said" wait_until 20 said "cannot add disk xvdb"
check "and is in xenstore, for the toolstack" eval 'error | grep -q "cannot add disk xvdb"'
is "once" "$(said_lines "cannot add disk xvdb" | wc -l)" 1
check "the frontend closes" wait_until 20 front_is 6
check "the other disk is as it was" test -e $folder/power -a -b /dev/xvdb
need free_name
timeout "$(seconds 30)" xl block-detach --force 0 xvdb >/dev/null 2>&1
need wait_until 20 bash -c "! [ -e /sys/devices/vbd-$(disk_number xvdb) ]"
check "attached again" disk_attach 0 d1 xvdb
check "it works" dd if=/dev/urandom of=/dev/xvdb bs=64k count=4 oflag=direct status=none
check "and goes" disk_detach 0 xvdb

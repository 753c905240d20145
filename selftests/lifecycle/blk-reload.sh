#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each module unloaded and loaded again while its disk is in use.
# timeout: 240
# allow: Buffer I/O error|lost (async|sync) page write
# Would fail (not tried) when, for example,
# - front[XPV_LIVE] does not STAY at InitWait, or a stopped backend loses
#   requests that it has taken (the guest's job hangs or reads wrong data)
# - xpv_driver_unregister() does not wait for nr_devices (rmmod: a crash)
# - blkfront's enter_phase(INIT) at probe is missing: after insmod the state
#   stays Closed
. "$(dirname "$0")/lib.sh"

need backend_use blkback ours
need frontend_use 0 blkfront none
need disk_create d1 size=32
need guest_create g1 type=pv frontnet=none
check "a guest's disk" disk_attach g1 d1 xvdb
dev=$(back_dev g1 xvdb)
need io_start /dev/xvdb g1
for seconds in 0 2; do
	check "I/O in the guest" io_moves /dev/xvdb g1
	check "the backend's module is replaced, $seconds s without" back_reload "$dev" $seconds
	check "the pair is connected again" wait_until 20 states_are g1 xvdb 4 4
done
echo "$dev" >$BACK_DRIVER/unbind
sleep 1
echo "$dev" >$BACK_DRIVER/bind
check "bound again by hand" wait_until 20 states_are g1 xvdb 4 4
check "I/O goes on" io_moves /dev/xvdb g1
check "all of it right" io_end g1
# xenbus holds the module as long as it drives a device
check "the guest's frontend is unloaded" guest_run g1 "echo vbd-$(disk_devid xvdb) >$FRONT_DRIVER/unbind; xenpv-driver blkfront none && ! [ -e /dev/xvdb ]"
check "together with common/" guest_run g1 '! grep -q xenpv_common /proc/modules'
check "and loaded" guest_run g1 'xenpv-driver blkfront ours'
check "the disk is back" disk_wait g1 xvdb
check "with I/O" guest_run g1 "$(fio_job /dev/xvdb 2)"
check "and goes" disk_detach g1 xvdb
check "the guest goes" guest_destroy g1

# The frontend, in dom0.
need frontend_use 0 blkfront ours
check "dom0's own disk" disk_attach 0 d1 xvdz
io_start /dev/xvdz
check "with I/O in dom0" io_moves /dev/xvdz
check "the frontend is unbound with the disk open" timeout "$(seconds 30)" bash -c "echo vbd-$(disk_devid xvdz) >$FRONT_DRIVER/unbind"
check "I/O ends" wait_until 20 io_ended
check "with errors" io_failed
check "no disk is left" bash -c '! [ -e /sys/block/xvdz ]'
# a reload of all three, the order that upgrades use
check "the backend lets go" bash -c "echo $(back_dev 0 xvdz) >$BACK_DRIVER/unbind"
check "all of ours unloaded" bash -c 'rmmod xen_blkfront && rmmod xen_blkback && rmmod xenpv_common'
check "and loaded" pair_use
check "the disk comes back" disk_wait 0 xvdz
check "connected" wait_until 15 states_are 0 xvdz 4 4
check "and works" bash -c "$(fio_job /dev/xvdz 2)"
check "and goes in the end" disk_detach 0 xvdz

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What can happen to a guest's disk and card, to one PVH and one PV guest, with the
# kernel's own drivers at either end before ours: modules replaced, processors and memory
# that come and go, save and restore to other backends, detach in use and by force, a
# crash, a guest destroyed while its storage is stuck. The deep tier has a test for each.
# timeout: 900
# tier: short
# allow: sysrq: Trigger a crash|Kernel panic|Call Trace|Buffer I/O error|lost (async|sync) page write
# Would fail (not tried) with what those tests name in their heads.
# shellcheck source=selftests/guests/lib.sh
. "$(dirname "$0")/../guests/lib.sh"
# shellcheck source=selftests/lifecycle/lib.sh
. "$(dirname "$0")/lib.sh"

# Enough to be always under way; what is tried meanwhile is to get on.
IO_RATE=50
IMAGE=/tmp/saved
at_exit rm -f $IMAGE
NET_DRIVER=/sys/bus/xen-backend/drivers/vif

connected() { wait_until 20 states_are g1 xvdb 4 4 && net_wait g1 0; }
works() { guest_run g1 "$(fio_job /dev/xvdb "${1:-1}")"; }
size_in() { guest_run g1 'cat /sys/block/xvdb/size'; }
state_in() {
	guest_run g1 "mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
		sed -n 's/^$1: //p' /sys/kernel/debug/xenpv/xen-blkfront/vbd-$(disk_devid xvdb)/state"
}
addresses() { guest_run g1 'ip -o addr show dev eth0 scope global; cat /sys/class/net/eth0/mtu'; }
received() { cat "/sys/class/net/$(net_vif g1 0)/statistics/rx_bytes"; }
traffic() {
	local before
	before=$(received)
	sleep 0.5
	[ "$(received)" -gt $((before + 10000)) ]
}
# net_reload: the module is replaced; the toolstack, which does not know, does nothing.
net_reload() {
	local vif
	vif=$(net_vif g1 0)
	echo "${vif/vif/vif-}" | tr . - >$NET_DRIVER/unbind && rmmod xen_netback &&
		insmod "$MODULES_DIR"/xen-netback.ko && wait_until 10 bridged
}
bridged() {
	ip link set "$(net_vif g1 0)" master $BRIDGE up &&
		xenstore-write "$(net_backend g1 0)/hotplug-status" connected
}
# fronts BLKFRONT NETFRONT: of the guest that has none of these yet.
fronts() {
	switch_front "$1" && disk_wait g1 xvdb && frontend_use g1 netfront "$2" && net_wait g1 0 &&
		guest_net g1
}
round_trip() { guest_save g1 $IMAGE && other_backends && guest_restore g1 $IMAGE; }
# The kernel's own, which offer less, and a disk that has grown.
other_backends() {
	disk_resize d1 48 && backend_use blkback intree feature_persistent=0 max_queues=1 &&
		backend_use netback intree
}
refusals() { guest_run g1 "dmesg | grep -c 'Device in use; refusing to close'"; }
was_refused() { [ "$(refusals)" -gt "$1" ]; }

pvh() {
	local before dev
	need guest_create g1 type=pvh mem=384 frontblk=intree frontnet=intree \
		disk="phy:$(disk_dev d1),xvdb,w" vif="$GUEST_VIF"
	need disk_wait g1 xvdb
	need net_wait g1 0
	need guest_net g1
	check "PVH, the kernel's frontends: I/O" works
	check "PVH, the kernel's frontends: TCP both ways" tcp_both_ways g1 4
	check "PVH, our frontends take over" fronts ours ours
	dev=$(back_dev g1 xvdb)
	need io_start /dev/xvdb g1
	need streams_start g1 4 on
	check "I/O" io_moves /dev/xvdb g1
	check "traffic" wait_until 20 traffic
	check "blkback is replaced under it" back_reload "$dev" 0
	check "I/O goes on" io_moves /dev/xvdb g1
	check "unbound and bound by hand" rebind "$dev"
	check "netback is replaced" net_reload
	check "both are connected" connected
	check "traffic goes on" wait_until 20 traffic
	before=$(addresses)
	check "saved; the kernel's backends, a larger disk; restored" round_trip
	check "both are connected again" connected
	check "I/O goes on after it" io_moves /dev/xvdb g1
	check "traffic goes on after it" wait_until 30 traffic
	is "the guest sees the new size" "$(size_in)" $((48 * 2048))
	is "and what this backend offers: rings, persistent grants" \
		"$(state_in rings) $(state_in 'persistent grants')" "1 0"
	is "addresses and MTU are those from before" "$(addresses)" "$before"
	need streams_stop g1
	check "the streams arrive as sent" streams_end g1
	check "our blkback takes over from the kernel's" backend_use blkback ours
	check "I/O goes on with it" io_moves /dev/xvdb g1
	in_use
	check "blkfront is unloaded in the guest" guest_run g1 \
		"echo vbd-$(disk_devid xvdb) >$FRONT_DRIVER/unbind; xenpv-driver blkfront none && ! [ -e /dev/xvdb ]"
	check "and loaded" guest_run g1 'xenpv-driver blkfront ours'
	check "the disk is back" disk_wait g1 xvdb
	crash
}

in_use() {
	local before
	before=$(refusals)
	# fio opens it anew for each pass; nobody else may have it open just then
	need guest_start_bg g1 user 'exec 3</dev/xvdb; : >/tmp/held; exec sleep 3600'
	need guest_run g1 'until [ -e /tmp/held ]; do sleep 0.1; done'
	ask_to_detach g1 xvdb
	check "detached in use: refused with the known line" wait_until 15 was_refused "$before"
	is "the frontend says Closing" "$(front_state g1 xvdb)" 5
	check "I/O goes on meanwhile" io_moves /dev/xvdb g1
	check "all of it right, from the first byte" io_end g1
	need guest_kill_bg g1 user
	check "after the last close the detach is complete" wait_until 20 states_are g1 xvdb 6 6
	timeout "$(seconds 60)" xl block-detach g1 xvdb >/dev/null 2>&1
	check "the same name is used again" disk_attach g1 d1 xvdb
}

crash() {
	need io_start /dev/xvdb g1
	check "I/O on the new one" io_moves /dev/xvdb g1
	check "the guest is paused" xl pause g1
	sleep 1
	check "goes on" xl unpause g1
	check "with its I/O" io_moves /dev/xvdb g1
	guest_run g1 '(sleep 0.2; echo c >/proc/sysrq-trigger) & disown' >/dev/null
	check "crashed, it goes" wait_until 15 _domain_gone g1
	check "with its backend" wait_until 20 no_backends
	is "no thread is left" "$(threads_left)" 0
}

# On storage that can be held back: dm does, while it is suspended.
pv() {
	local destroyer
	need disk_create d2 size=8
	dmsetup create stuck --table "0 $(blockdev --getsz "$(disk_dev d1)") linear $(disk_dev d1) 0"
	at_exit 'dmsetup resume stuck 2>/dev/null; dmsetup remove stuck 2>/dev/null'
	need backend_use netback intree
	need guest_create g1 type=pv vcpus=2 mem=400 frontblk=intree frontnet=ours \
		disk="phy:/dev/mapper/stuck,xvdb,w" vif="$GUEST_VIF"
	need disk_wait g1 xvdb
	need net_wait g1 0
	need guest_net g1
	check "PV, the kernel's blkfront: I/O" works
	check "PV, the kernel's netback: TCP both ways" tcp_both_ways g1 6
	check "PV: one processor" online g1 1
	check "PV: two processors" online g1 2
	check "PV: less memory" memory g1 340
	check "PV: more memory" memory g1 400
	check "PV: I/O after all that" works
	need net_detach g1 0
	need backend_use netback ours
	need guest_run g1 'xenpv-driver netfront intree'
	check "PV, our netback, the kernel's netfront" net_attach g1 mac=$PEER_MAC bridge=$BRIDGE script=vif-bridge
	need guest_net g1
	check "PV, the kernel's netfront: TCP both ways" tcp_both_ways g1 4
	check "PV, our blkfront takes over" switch_front ours
	need disk_wait g1 xvdb
	need io_start /dev/xvdb g1
	check "PV: I/O" io_moves /dev/xvdb g1
	check "PV: the kernel's blkback takes over" backend_use blkback intree
	check "PV: I/O goes on with it" io_moves /dev/xvdb g1
	check "PV: ours again" backend_use blkback ours
	check "PV: I/O goes on" io_moves /dev/xvdb g1
	check "PV: all of it right" io_end g1
	need io_start /dev/xvdb g1
	need streams_start g1 4 600
	check "PV: I/O once more" io_moves /dev/xvdb g1
	check "PV: traffic" wait_until 20 traffic
	dmsetup suspend --nolockfs --noflush stuck
	xl destroy g1 >/dev/null 2>&1 &
	destroyer=$!
	by_force
	dmsetup resume stuck
	wait $destroyer
	pkill socat
	check "the storage goes on: the guest is gone" wait_until 15 _domain_gone g1
	check "its backend too" wait_until 15 no_backends
	check "nobody has the device open" wait_until 20 dmsetup remove stuck
	is "again no thread is left" "$(threads_left)" 0
}

# Another disk, of dom0's own, while that guest's storage is stuck.
by_force() {
	need frontend_use 0 blkfront ours
	check "with its storage stuck, another disk can be attached" disk_attach 0 d2 xvdz
	io_start /dev/xvdz
	check "and used" io_moves /dev/xvdz
	check "and detached by force" timeout "$(seconds 30)" xl block-detach --force 0 xvdz
	check "I/O ends, nothing hangs" wait_until 20 io_ended
	check "with errors" io_failed
	check "both ends are gone" wait_until 20 no_devices "$(disk_devid xvdz)"
}

guests_setup
need disk_create d1 size=32
pvh
pv

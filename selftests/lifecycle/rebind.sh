#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest's frontends unbound and at once bound again, a hundred times, while the
# backends are slow to see it: netback waits for RTNL, which dom0 holds most of the
# time, blkback for its disk. Each time the two ends come together again.
# timeout: 400
# Seen failing: with a frontend that goes to Initialising when it is bound, whatever
# the backend still says of the connection before: both Closed, for good.
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-100}
NIC=vif-0
DISK=vbd-$(disk_devid xvdb)

# Interfaces that go in a group go under one RTNL.
hold_rtnl() {
	local i
	while :; do
		for i in {1..20}; do ip link add "held$i" group 7 type dummy; done
		ip link del group 7
	done >/dev/null 2>&1
}

# connected vif|vbd ID: both ends of g1's device.
connected() {
	[ "$(xenstore-read "/local/domain/$domid/device/$1/$2/state")" = 4 ] &&
		[ "$(xenstore-read "/local/domain/0/backend/$1/$domid/$2/state")" = 4 ]
}

# rebind vif|vbd DEVICE ROUNDS: so often, the ends meeting after each five.
rebind() {
	local type=$1 dev=$2 rounds=$3 i
	for ((i = 0; i < rounds; i += 5)); do
		guest_run g1 "cd /sys/bus/xen/drivers/$type && for i in 0 1 2 3 4; do
			echo $dev >unbind && echo $dev >bind || exit 1
			sleep 0.\$((($i + i) % 4))
		done" && wait_until 30 connected "$type" "${dev#*-}" && continue
		echo "after $((i + 5)) rounds: front $(xenstore-read "/local/domain/$domid/device/$type/${dev#*-}/state")," \
			"back $(xenstore-read "/local/domain/0/backend/$type/$domid/${dev#*-}/state")"
		return 1
	done
}

need backend_use blkback ours
need backend_use netback ours
need modprobe dummy
# Each takes 50 ms for a request.
need disk_create d1 kind=ram size=16 irqmode=2 completion_nsec=50000000
need guest_create g1 front=ours
domid=$(guest_domid g1)
need net_attach g1 script=vif-plain
need disk_attach g1 d1 xvdb

hold_rtnl &
holder=$!
at_exit "kill $holder; wait $holder 2>/dev/null; ip link del group 7 2>/dev/null; rmmod dummy"
check "$ROUNDS times a network card" rebind vif $NIC "$ROUNDS"
check "a fifth as often a disk" rebind vbd "$DISK" $((ROUNDS / 5))
kill $holder

need guest_run g1 'ip link set eth0 up && ip addr add 10.99.1.2/24 dev eth0'
need ip addr add 10.99.1.1/24 dev "vif$domid.0"
check "the network card works" guest_run g1 'ping -c 3 -w 30 -i 0.2 10.99.1.1'
check "and the disk" guest_run g1 'dd if=/dev/xvdb of=/dev/null bs=64k count=8 iflag=direct'

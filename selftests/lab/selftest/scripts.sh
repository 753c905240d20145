#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Xen's stock hotplug scripts: block with phy:, file: and LVM, vif-bridge,
# vif-route, vif-nat and vif-openvswitch.
# timeout: 400
# expect: ^\d+ passed, 0 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need backend_use blkback intree
need backend_use netback intree
need guest_create g1 front=intree

need disk_create d1 size=64
check "block: phy:/dev/loopN" disk_attach g1 d1 xvda
check "block: phy:/dev/loopN, read-only" disk_attach g1 "$(disk_dev d1)" xvdb r
is "block: the guest sees that it is read-only" "$(guest_run g1 'blockdev --getro /dev/xvdb')" 1
truncate -s 32M /tmp/image
check "block: file:" disk_attach g1 file:/tmp/image xvdc
is "block: its size" "$(guest_run g1 'blockdev --getsize64 /dev/xvdc')" $((32 << 20))
for vdev in xvda xvdb xvdc; do
	check "block: detach $vdev" disk_detach g1 $vdev
done
is "block: no loop device is left of file:" "$(losetup -n -O BACK-FILE -l | grep -c /tmp/image)" 0

need disk_create pv size=64
need pvcreate -q "$(disk_dev pv)"
need vgcreate -q labvg "$(disk_dev pv)"
need lvcreate -q -y -n vol -L 16M labvg
at_exit "disk_detach g1 xvdd; vgchange -q -an labvg; vgremove -q -f labvg"
check "block: LVM" disk_attach g1 /dev/labvg/vol xvdd
is "block: the volume's size" "$(guest_run g1 'blockdev --getsize64 /dev/xvdd')" $((16 << 20))

# ping_dom0 DEVID ADDRESS: from the guest's only interface.
ping_dom0() {
	guest_run g1 "ip addr flush dev eth0; ip addr add $2/24 dev eth0 && ip link set eth0 up &&
		for i in {1..20}; do ping -q -c 1 -W 1 $1 >/dev/null && exit 0; done; ip addr; exit 1"
}

need net_bridge xenbr0 192.168.77.1/24
check "vif-bridge: attach" net_attach g1 bridge=xenbr0
is "vif-bridge: the vif is in the bridge" \
	"$(basename "$(readlink "/sys/class/net/$(net_vif g1 0)/master")")" xenbr0
check "vif-bridge: ping" ping_dom0 192.168.77.1 192.168.77.2
check "vif-bridge: detach" net_detach g1 0

ip addr add 192.168.78.1/24 dev lo
at_exit "ip addr del 192.168.78.1/24 dev lo"
check "vif-route: attach" net_attach g1 script=vif-route ip=192.168.78.2
check "vif-route: ping" ping_dom0 192.168.78.1 192.168.78.2
check "vif-route: detach" net_detach g1 0

check "vif-nat: attach" net_attach g1 script=vif-nat ip=192.168.79.2
check "vif-nat: ping" ping_dom0 192.168.79.129 192.168.79.2
check "vif-nat: detach" net_detach g1 0

need net_ovs_bridge ovsbr0 192.168.80.1/24
check "vif-openvswitch: attach" net_attach g1 script=vif-openvswitch bridge=ovsbr0
check "vif-openvswitch: ping" ping_dom0 192.168.80.1 192.168.80.2
check "vif-openvswitch: detach" net_detach g1 0

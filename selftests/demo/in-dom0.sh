#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The part of the demo that runs in dom0. A failure's name is left in
# /run/xenpv/demo.failed.
# shellcheck source=selftests/lib/lab.sh disable=SC1091
. /xenpv/selftests/lib/lab.sh
# The library's verdict is for tests.
trap - EXIT

title() { printf '\n== %s\n' "$*"; }
in_guest() { GUEST_TIMEOUT=300 guest_run demo "$1"; }

fail()
{
	echo "$*" >/run/xenpv/demo.failed
	exit 1
}

same()
{
	echo "guest: $2"
	echo "dom0:  $3"
	if [ -z "$2" ] || [ "$2" != "$3" ]; then
		fail "$1 differs"
	fi
}

dom0_address=10.99.0.1 guest_address=10.99.0.2
disk_sha='dd if=/dev/xvdb bs=1M iflag=direct status=none | sha256sum'

title "dom0: our backends, on $(xl info xen_version) and Linux $(uname -r)"
backend_use blkback ours || fail "loading xen-blkback"
backend_use netback ours || fail "loading xen-netback"
lsmod | grep -E '^xen(pv|_blk|_net)'

title "a guest with our frontends, and a disk for it"
disk_create demo size=96 || fail "making a disk"
guest_create demo front=ours || fail "creating the guest"
disk_attach demo demo xvdb || fail "attaching the disk"
xl list
in_guest 'dmesg | grep -E "xenpv|blkfront|xvdb"' || fail "the guest's dmesg of our driver"
dmesg | grep xen-blkback | tail -n 2

title "guest: a file system, and a tree of files on it"
in_guest 'mkfs.ext4 -q /dev/xvdb && mkdir -p /mnt && mount /dev/xvdb /mnt &&
	cp -r /etc /usr/bin /mnt && sync && du -sh /mnt && df -h /mnt && umount /mnt' ||
	fail "mkfs and copying files"

title "the same bytes on both sides: sha256 of the whole disk"
same "the disk's sha256" "$(in_guest "$disk_sha" | cut -c1-64)" \
	"$(dd if="$(disk_dev demo)" bs=1M iflag=direct status=none | sha256sum | cut -c1-64)"

title "guest: fio writes with checksums and reads them back"
in_guest 'fio --name=verify --filename=/dev/xvdb --rw=randwrite --bs=4k --size=8m \
	--ioengine=libaio --iodepth=32 --direct=1 --verify=crc32c --verify_fatal=1 |
	grep -E "err=|IOPS"' | tee /run/xenpv/demo.fio
grep -q 'err= 0' /run/xenpv/demo.fio || fail "fio's verification"

title "dom0: what xentop says of the disk"
xentop -b -x -i 1 | grep -E 'NAME|demo|VBD' || fail "xentop"

title "dom0: what the drivers say of themselves"
grep -E 'ring-ref|events|maps|map_calls|reads|writes' \
	"/sys/kernel/debug/xenpv/xen-blkback/vbd-$(guest_domid demo)-$(disk_devid xvdb)/queues"

title "detached, and attached again"
disk_detach demo xvdb || fail "detaching"
in_guest 'test ! -e /dev/xvdb && echo "guest: /dev/xvdb is gone"' || fail "the disk's going"
disk_attach demo demo xvdb || fail "attaching again"
same "the disk's sha256" "$(in_guest "$disk_sha" | cut -c1-64)" \
	"$(dd if="$(disk_dev demo)" bs=1M iflag=direct status=none | sha256sum | cut -c1-64)"

title "a network card for the guest, on a bridge, by Xen's own vif-bridge"
net_bridge xenbr0 $dom0_address/24 || fail "making a bridge"
net_attach demo mac=00:16:3e:00:00:02 bridge=xenbr0 script=vif-bridge || fail "attaching the network"
vif=$(net_vif demo 0)
bridge link show dev "$vif"
in_guest "ip addr add $guest_address/24 dev eth0 && ip link set eth0 up && ip addr show dev eth0" ||
	fail "the guest's address"
in_guest "ping -c 3 -i 0.3 -W 10 $dom0_address" || fail "a ping"

# The sender tries until the receiver listens; that ends with the connection.
to_guest()
{
	guest_start_bg demo down "socat -u TCP-LISTEN:5001,reuseaddr CREATE:/tmp/down" &&
		socat -u /tmp/demo.down "TCP:$guest_address:5001,retry=60,interval=0.5" &&
		guest_wait_bg demo down
}
from_guest()
{
	socat -u TCP-LISTEN:5002,reuseaddr CREATE:/tmp/demo.up &
	in_guest "socat -u /tmp/up TCP:$dom0_address:5002,retry=60,interval=0.5" && wait $!
}

title "a file over TCP, to the guest and from it"
head -c 16M /dev/urandom >/tmp/demo.down
to_guest || fail "sending a file to the guest"
same "the file to the guest" "$(in_guest 'sha256sum </tmp/down' | cut -c1-64)" \
	"$(sha256sum </tmp/demo.down | cut -c1-64)"
in_guest 'head -c 16M /dev/urandom >/tmp/up' || fail "making a file in the guest"
from_guest || fail "fetching a file from the guest"
same "the file from the guest" "$(in_guest 'sha256sum </tmp/up' | cut -c1-64)" \
	"$(sha256sum </tmp/demo.up | cut -c1-64)"

title "iperf3, to the guest and from it (one emulated processor for both)"
in_guest 'iperf3 -s -D' || fail "starting iperf3"
iperf3 -f m -t 3 -c $guest_address | grep -E 'sender|receiver' || fail "iperf3 to the guest"
iperf3 -f m -t 3 -R -c $guest_address | grep -E 'sender|receiver' || fail "iperf3 from the guest"

title "ethtool at both ends"
offloads='checksumming|scatter-gather:|segmentation-offload:|generic-receive'
echo "dom0, $vif:"
{ ethtool -i "$vif" && ethtool -k "$vif" | grep -E "$offloads" && ethtool -S "$vif" | grep -v ': 0$'; } ||
	fail "ethtool in dom0"
echo "guest, eth0:"
in_guest "ethtool -i eth0 && ethtool -k eth0 | grep -E '$offloads' && ethtool -S eth0 | grep -v ': 0\$'" ||
	fail "ethtool in the guest"
net_detach demo 0 || fail "detaching the network"
in_guest 'test ! -e /sys/class/net/eth0 && echo "guest: eth0 is gone"' || fail "the network's going"

title "both kernels' logs"
if { dmesg; guest_console demo; } | grep -E 'BUG|WARNING: CPU|Oops|Call Trace|g\.e\.'; then
	fail "the kernels' logs"
fi
echo "nothing but what is expected"
guest_destroy demo || fail "destroying the guest"

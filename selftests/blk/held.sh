#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk of network storage (NVMe over TCP, of dom0 itself) on a network that delays
# and doubles packets: TCP holds pages of requests that are long done, so that the
# guest's grants cannot be unmapped yet. Nobody waits for that but these pages.
# timeout: 180
# tier: short, deep
# Seen failing: without blkback_skb_flush(), fio waits for ever: that the storage is this
# very kernel leaves packets on the lists of idle CPUs.
# Would fail (not tried) when is_busy() in drivers/blkback/map.c says no: no page is
# held, as the test counts. The part with persistent grants has not been run yet; it
# would fail without blkback_skb_flush() in pgnt.c, where there are two processors.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

NVMET=/sys/kernel/config/nvmet NAME=xenpv-held PORT=4420

# What follows undoes itself, the last thing first.
configured() { mkdir "$1" && at_exit rmdir "$1"; }
storage() {
	at_exit modprobe -r nvme-tcp nvmet-tcp nvme-fabrics nvme-core
	modprobe -a nvmet-tcp nvme-tcp && ip link set lo up && configured $NVMET/subsystems/$NAME &&
		configured $NVMET/subsystems/$NAME/namespaces/1 && configured $NVMET/ports/1 || return 1
	echo 1 >$NVMET/subsystems/$NAME/attr_allow_any_host
	disk_dev d1 >$NVMET/subsystems/$NAME/namespaces/1/device_path
	echo 1 >$NVMET/subsystems/$NAME/namespaces/1/enable
	echo ipv4 >$NVMET/ports/1/addr_adrfam
	echo tcp >$NVMET/ports/1/addr_trtype
	echo 127.0.0.1 >$NVMET/ports/1/addr_traddr
	echo $PORT >$NVMET/ports/1/addr_trsvcid
	ln -s $NVMET/subsystems/$NAME $NVMET/ports/1/subsystems/$NAME || return 1
	at_exit rm -f $NVMET/ports/1/subsystems/$NAME
	echo "transport=tcp,traddr=127.0.0.1,trsvcid=$PORT,nqn=$NAME" >/dev/nvme-fabrics || return 1
	at_exit disconnect
	wait_until 20 storage_dev
}
controller() { grep -lx $NAME /sys/class/nvme/*/subsysnqn | cut -d/ -f5; }
storage_dev() {
	local dev
	dev=/dev/$(controller)n1
	[ -b "$dev" ] && echo "$dev"
}
disconnect() { echo 1 >"/sys/class/nvme/$(controller)/delete_controller"; }

job() {
	fio --name=v --filename=/dev/xvdb --rw=randwrite --bs=64k --size="$(by_tier 4m 2m)" --ioengine=libaio \
		--iodepth=8 --direct=1 --verify=crc32c --verify_fatal=1 --do_verify=1
}
maps_left() { echo $(($(back_stat 0 xvdb maps) - $(back_stat 0 xvdb unmaps))); }
all_unmapped() { [ "$(maps_left)" = 0 ]; }

pair_setup own
need frontend_use 0 blkfront none
# Lasting grants are not unmapped after each request.
need frontend_use 0 blkfront "$FRONT" feature_persistent=0
need disk_create d1 kind=ram size=16
need storage
check "attached" disk_attach 0 "$(storage_dev)" xvdb
check "fio verifies" job
# Now and then the other end is late to confirm here as well.
promptly=$(back_stat 0 xvdb 'busy_pages')

need tc qdisc add dev lo root netem delay 60ms 50ms duplicate 60%
at_exit tc qdisc del dev lo root
check "fio verifies while the network delays and doubles" job
busy=$(back_stat 0 xvdb 'busy_pages')
check "pages were held: $busy times, $promptly before" test "$busy" -gt $((2 * promptly + 10))
check "all are unmapped in the end" wait_until 10 all_unmapped
if deep; then
	check "fio once more" job
fi
check "detached, whatever is held" disk_detach 0 xvdb

deep || exit 0
# Those that stay mapped are let go of when the queue stops, in five seconds as all
# that a removal waits for.
need wait_until 20 frontend_use 0 blkfront none
need frontend_use 0 blkfront "$FRONT"
need disk_attach 0 "$(storage_dev)" xvdb
check "persistent grants: fio verifies" job
check "persistent grants: pages are kept mapped" test "$(maps_left)" -gt 0
said_from
check "unbound, whatever is held" timeout "$(seconds 30)" \
	bash -c "echo $(vbd_name 0 xvdb) >/sys/bus/xen-backend/drivers/vbd/unbind"
check "in time" bash -c "! dmesg | tail -n +$((_said_from + 1)) | grep 'removal goes on in the background'"
check "bound again" bash -c "echo $(vbd_name 0 xvdb) >/sys/bus/xen-backend/drivers/vbd/bind"
check "fio once more" job
check "detached" disk_detach 0 xvdb

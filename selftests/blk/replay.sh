#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Requests that are replayed to a backend whose disk has no cache any more: the flush
# among them ends at once, and those before it go out all the same.
#
# On Linux 6.1 data of a write with FUA and a flush of another caller are in one batch
# when they are replayed; the flush gets to the ring while that data is under way only
# if it has waited for five seconds (FLUSH_PENDING_TIMEOUT). Later kernels replay each
# by itself and pass anyway.
#
# Would fail (not tried): a flush that ends by itself and does not push, as the last of its batch.
# timeout: 120
. "$(dirname "$0")/pair.sh"
BACK_DRIVER=/sys/bus/xen-backend/drivers/vbd

cache() { echo "$1" >"/sys/block/$(basename "$(disk_dev d1)")/queue/write_cache"; }
sent() { front_stat 0 xvdb slots_put; }
has_sent() { [ "$(sent)" = "$1" ]; }
# By file: what check runs is not the shell that they are children of.
ended() { [ -s "/tmp/replay.$1" ]; }
bg() {
	local name=$1
	rm -f "/tmp/replay.$name"
	shift
	{ "$@"; echo $? >"/tmp/replay.$name"; } &
}
# A flush that waits for data is sent when another comes after five seconds.
flush_again() {
	bg "flush$((++flushes))" sync /dev/xvdb
	sleep 1
	has_sent "$1"
}
front_is() { [ "$(xenstore-read "$(disk_frontend 0 xvdb)/state")" = "$1" ]; }

need backend_use blkback ours
need frontend_use 0 blkfront ours max_queues=1
need disk_create d1 kind=ram size=8 cache_size=1
need disk_attach 0 d1 xvdb
is "the disk has a cache" "$(cat /sys/block/xvdb/queue/write_cache)" "write back"
# udev would read the disk, and so push what is in the ring.
need udevadm settle
need udevadm control --stop-exec-queue
at_exit udevadm control --start-exec-queue
dev=$(vbd_name 0 xvdb)
head -c 4096 /dev/urandom >/tmp/replay.data

need bash -c "echo $dev >$BACK_DRIVER/unbind"
before=$(sent)
bg write dd if=/tmp/replay.data of=/dev/xvdb bs=4k count=1 seek=16 oflag=direct,dsync conv=notrunc status=none
need wait_until 10 has_sent $((before + 1))
flushes=0
need wait_until 60 flush_again $((before + 2))
is "a write with FUA and a flush are in the ring" "$(front_stat 0 xvdb flushes)" 1

need cache "write through"
xenstore-write "$(disk_backend 0 xvdb)/state" 1
need wait_until 10 front_is 1
need bash -c "echo $dev >$BACK_DRIVER/bind"
check "connected anew" wait_until 20 front_is 4
is "to a backend without a cache" "$(xenstore-read "$(disk_backend 0 xvdb)/feature-flush-cache")" 0
check "the flush ends" wait_until 10 ended flush1
check "the write before it ends" wait_until 10 ended write
# Pushes what was left, so that the test can end.
check "a read ends" timeout "$(seconds 10)" dd if=/dev/xvdb of=/dev/null bs=4k count=1 iflag=direct status=none
wait_until 10 ended write
is "the write succeeds" "$(cat /tmp/replay.write)" 0
is "the data is on the disk" \
	"$(dd if=/dev/xvdb bs=4k skip=16 count=1 iflag=direct status=none | sha256sum)" "$(sha256sum </tmp/replay.data)"
udevadm control --start-exec-queue
check "the disk goes" disk_detach 0 xvdb

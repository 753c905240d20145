#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend that is unbound while its disk holds a request for longer than xenbus
# waits, and bound again: once the request is through, and not before.
# timeout: 200
# Seen failing: where bind waits for nothing: two instances on one ring.
. "$(dirname "$0")/lib.sh"

stuck() { dmsetup suspend --nolockfs --noflush stuck; }
free() { dmsetup resume stuck; }

# read_bg: a read that the disk holds; read_end: its verdict.
read_bg() {
	rm -f /tmp/read.status
	{
		dd if=/dev/xvdb of=/tmp/read.data bs=4k count=1 iflag=direct status=none
		echo $? >/tmp/read.status
	} &
	wait_until 10 is_held
}
slots_taken() { awk '/slots_taken|slots taken/ { n += $NF } END { print n + 0 }' "$queues"; }
is_held() { [ "$(slots_taken)" -gt "$before" ]; }
has_ended() { [ -s /tmp/read.status ]; }
read_end() {
	wait_until 30 has_ended && [ "$(cat /tmp/read.status)" = 0 ] && cmp /tmp/read.data /tmp/right.data
}
works() {
	timeout "$(seconds 30)" dd if=/dev/xvdb of=/tmp/again.data bs=4k count=1 iflag=direct status=none &&
		cmp /tmp/again.data /tmp/right.data
}

need pair_use
need disk_create d1 kind=ram size=8
disk=$(disk_dev d1)
need dmsetup create stuck --table "0 $(blockdev --getsz "$disk") linear $disk 0"
at_exit 'dmsetup resume stuck 2>/dev/null; xl block-detach 0 xvdb 2>/dev/null; wait_until 20 dmsetup remove stuck'
head -c 4096 /dev/urandom >/tmp/right.data
dd if=/tmp/right.data of=/dev/mapper/stuck oflag=direct status=none
need without_udev disk_attach 0 /dev/mapper/stuck xvdb
dev=$(back_dev 0 xvdb)
queues=/sys/kernel/debug/xenpv/xen-blkback/$dev/queues
check "the disk works" works

before=$(slots_taken)
need stuck
need read_bg
check "unbound with a request under way" timeout "$(seconds 20)" bash -c "echo $dev >$BACK_DRIVER/unbind"
is "bound while it is" "$(echo "$dev" 2>/dev/null >"$BACK_DRIVER/bind" && echo yes || echo no)" no
need free
check "the reader gets its data, bound again" bash -c "sleep 1; echo $dev >$BACK_DRIVER/bind"
check "it is right" read_end
check "the disk goes on" works

before=$(slots_taken)
need stuck
need read_bg
check "unbound once more" timeout "$(seconds 20)" bash -c "echo $dev >$BACK_DRIVER/unbind"
{ sleep 1; free; } &
check "bind waits" timeout "$(seconds 20)" bash -c "echo $dev >$BACK_DRIVER/bind"
check "the reader gets its data" read_end
check "the disk goes on after that" works

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A limit of the queue written in sysfs while the backend is away: who writes waits for
# the requests that wait for the backend, and that is no reason not to connect.
# timeout: 120
# Would fail (not tried) with KERNEL=6.12: connect that waits for the lock of the limits.
# On 6.1 there is none.
. "$(dirname "$0")/lib.sh"

front_is() { [ "$(front_state 0 xvdb)" = "$1" ]; }
ended() { [ -s "/tmp/limits.$1" ]; }
bg() {
	local name=$1
	rm -f "/tmp/limits.$name"
	shift
	{ "$@"; echo $? >"/tmp/limits.$name"; } &
}
is_waiting() { [ "$(ps -o stat= -p "$1" | cut -c1)" = D ]; }
write_limit() { echo 64 >/sys/block/xvdb/queue/max_sectors_kb; }

need pair_use
need disk_create d1 size=16
need disk_attach 0 d1 xvdb
need udevadm settle
dev=$(back_dev 0 xvdb)
need bash -c "echo $dev >$BACK_DRIVER/unbind"
bg read dd if=/dev/xvdb of=/dev/null bs=4k count=1 skip=100 iflag=direct status=none
reader=$!
waits() { pgrep -P $reader -x dd >/dev/null && is_waiting "$(pgrep -P $reader -x dd)"; }
need wait_until 10 waits
bg limit write_limit
writer=$!
# Where writing waits for nobody it has ended by now.
waits_or_ended() { ended limit || is_waiting $writer; }
need wait_until 10 waits_or_ended
xenstore-write "$(disk_backend 0 xvdb)/state" 1
need wait_until 10 front_is 1
need bash -c "echo $dev >$BACK_DRIVER/bind"
check "connected" wait_until 20 states_are 0 xvdb 4 4
check "the reader gets its data" wait_until 10 ended read
check "the writer ends" wait_until 10 ended limit
is "without an error" "$(cat /tmp/limits.read /tmp/limits.limit | paste -sd ' ')" "0 0"
is "what was written is in force" "$(cat /sys/block/xvdb/queue/max_sectors_kb)" 64
check "the disk goes" disk_detach 0 xvdb

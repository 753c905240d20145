#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Disks that end a request by an interrupt, as real ones do: while the backend's thread
# sleeps a lone one is answered there, but where pages are to be unmapped. dom0 is its own
# frontend.
#
# Would fail (not tried): the loop left out of is_plain() (to be unmapped).
# A thread that lends while it is to stop passes here: it notices the last answer a second
# or two later, when idle queues are looked at.
# timeout: 200
FRONT=${FRONT:-intree}
. "$(dirname "$0")/pair.sh"

# Longer than the thread ever looks on before it sleeps.
LATE="irqmode=2 completion_nsec=2000000"
REQUESTS=256	# written, and as many read again

verified() { # DEPTH
	fio --name=v --filename=/dev/xvdb --rw=randwrite --bs=4k --size=1m --ioengine=libaio \
		--iodepth="$1" --direct=1 --randseed=5 --verify=crc32c --verify_fatal=1 --minimal
}
at_once() { back_stat 0 xvdb 'inline_completions'; }
# begin FRONTEND PARAMETERS...
begin() {
	need frontend_use 0 blkfront "$FRONT" max_queues=1 "$@"
	need disk_attach 0 d1 xvdb
}
finish() {
	is "$1: nothing was refused" "$(back_stat 0 xvdb bad_entries)" 0
	check "$1: the disk goes" disk_detach 0 xvdb
	need wait_until 20 frontend_use 0 blkfront none
}

# shellcheck disable=SC2086 # two words
need disk_create d1 kind=ram size=8 $LATE cache_size=1
need backend_use blkback ours

begin
# the pages that they use are mapped, and stay so
check "one by one: verified" verified 1
before=$(at_once)
check "one by one: verified again" verified 1
after=$(at_once)
check "one by one: $((after - before)) answered where they end" \
	[ $((after - before)) -ge $((2 * REQUESTS - 8)) ]
before=$after
flushes() {
	fio --name=f --filename=/dev/xvdb --rw=write --bs=4k --number_ios=50 --direct=1 --fsync=1 \
		--size=1m --minimal
}
check "each with an fsync" flushes
after=$(at_once)
check "each with an fsync: $((after - before)) answered where they end" [ $((after - before)) -ge 90 ]
check "many at a time: verified" verified 32
finish persistent

begin feature_persistent=0
check "to be unmapped: verified" verified 1
is "to be unmapped: none answered where they end" "$(at_once)" 0
finish "to be unmapped"

# The backend goes while requests are under way: it ends with the last answer.
need disk_create d2 kind=ram size=8 irqmode=2 completion_nsec=1000000000
need frontend_use 0 blkfront "$FRONT" max_queues=1
need disk_attach 0 d2 xvdb
read_one() { dd if=/dev/xvdb of=/dev/null bs=4k count=1 skip="$1" iflag=direct status=none; }
check "a slow request is answered" read_one 100
before=$(back_stat 0 xvdb slots_taken)
answered=/tmp/late.answered
rm -f $answered
{ read_one 200 && echo yes >$answered; } &
another() { [ "$(back_stat 0 xvdb slots_taken)" -gt "$before" ]; }
need wait_until 10 another
BACK_DRIVER=/sys/bus/xen-backend/drivers/vbd
check "unbound with a request under way" timeout "$(seconds 20)" \
	bash -c "echo $(vbd_name 0 xvdb) >$BACK_DRIVER/unbind"
check "bound again" bash -c "echo $(vbd_name 0 xvdb) >$BACK_DRIVER/bind"
# at the latest now, if it was another's that was under way
check "the reader gets its data" wait_until 10 test -s $answered
check "a request is answered again" read_one 300
check "the slow disk goes" disk_detach 0 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend's threads can be frozen, as they are while a machine suspends: they hand
# nothing to the disk then, and go on afterwards. The freezer of cgroups asks for the
# same; it passes over threads that cannot be frozen.
# timeout: 60
# Would fail (not tried): without set_freezable() in thread.c.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

freezer=/run/xenpv/freezer
read_one() { dd if=/dev/xvdb of=/dev/null bs=4k count=1 skip="$1" iflag=direct status=none; }
state_is() { grep -qx "$1" $freezer/test/freezer.state; }

pair_setup own
need disk_create d1 kind=ram size=8
need disk_attach 0 d1 xvdb
# udev reads a new disk
need udevadm settle
mkdir -p $freezer
mount -t cgroup -o freezer none $freezer || skip_all "this kernel has no freezer for cgroups"
at_exit "umount $freezer; rmdir $freezer"
need mkdir $freezer/test
at_exit "echo THAWED >$freezer/test/freezer.state; sleep 0.1; rmdir $freezer/test"
threads=$(pgrep '^0\.xvdb-')
for thread in $threads; do
	need bash -c "echo $thread >$freezer/test/tasks"
done
check "a request is answered" read_one 100

need bash -c "echo FROZEN >$freezer/test/freezer.state"
check "the threads freeze" wait_until 10 state_is FROZEN
before=$(back_stat 0 xvdb slots_taken)
answered=/run/xenpv/answered
rm -f $answered
{ read_one 200 && echo yes >$answered; } &
# The frontend has sent it.
sent() { [ "$(front_stat 0 xvdb slots_put)" -gt "$(back_stat 0 xvdb slots_taken)" ]; }
check "a request waits in the ring" wait_until 10 sent
sleep 1
is "nothing is taken" "$(back_stat 0 xvdb slots_taken)" "$before"
check "nor answered" test ! -s $answered
need bash -c "echo THAWED >$freezer/test/freezer.state"
check "it is answered when they thaw" wait_until 10 test -s $answered
for thread in $threads; do
	need bash -c "echo $thread >$freezer/tasks"
done
check "the disk goes" disk_detach 0 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk's thread put into a cgroup: io.max of that cgroup holds for the guest.
#
# Would fail (not tried yet): bios made or submitted outside of the queue's thread.
# timeout: 120
FRONT=${FRONT:-intree}
. "$(dirname "$0")/pair.sh"

group=/sys/fs/cgroup/xenpv-test
threads() { pgrep '^0\.xvdb-'; }
rate() { # KiB/s
	fio --name=l --filename=/dev/xvdb --ioengine=libaio --direct=1 --rw=read --bs=64k \
		--iodepth=8 --time_based --runtime="$1" --output-format=terse | cut -d';' -f7
}

pair_setup own
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
grep -qw io /sys/fs/cgroup/cgroup.controllers || bail "this kernel has no io controller"
need disk_create d1 kind=null size=1024
need disk_attach 0 d1 xvdb
need bash -c 'echo +io >/sys/fs/cgroup/cgroup.subtree_control'
need mkdir -p $group
at_exit "rmdir $group"
free=$(rate 3)
need bash -c "echo $(cat "/sys/block/$(basename "$(disk_dev d1)")/dev") rbps=$((4 << 20)) >$group/io.max"
for thread in $(threads); do
	need bash -c "echo $thread >$group/cgroup.procs"
done
limited=$(rate 8)
diag "without a limit $free KiB/s, with one $limited KiB/s"
check "without a limit it is faster" test "$free" -gt 8192
check "io.max of 4 MiB/s holds within 10 %" test "$limited" -ge 3686 -a "$limited" -le 4506
for thread in $(threads); do
	need bash -c "echo $thread >/sys/fs/cgroup/cgroup.procs"
done
check "the disk goes" disk_detach 0 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest with fewer grants than its disks want: requests wait for each other's
# grants, none fails, none is forgotten.
#
# Would fail (not tried): blkfront that fails a request without grants (I/O error),
# that does not wait for references which other disks give back (time-out). Seen
# failing with a disk of 20 ms: it is fast enough that no request has to wait.
# timeout: 300
. "$(dirname "$0")/pair.sh"

disks=(xvdb xvdc xvdd)
# A deep queue of large requests: 128 of 11 pages, for each disk.
load() {
	local vdev
	printf '%s\n' '[global]' ioengine=libaio direct=1 bs=44k iodepth=128 \
		rw=randwrite size=8m verify=crc32c verify_fatal=1 do_verify=1
	for vdev in "${disks[@]}"; do
		printf '[%s]\nfilename=/dev/%s\n' "$vdev" "$vdev"
	done
}

pair_setup guest
# Two frames have 1024 grants, any of the disks can use more; with fewer no guest
# starts.
need guest_create g1 cfg='max_grant_frames=2'
for vdev in "${disks[@]}"; do
	# slow, so that requests pile up in the guest
	need disk_create "$vdev" kind=ram size=8 irqmode=2 completion_nsec=100000000
	need disk_attach g1 "$vdev" "$vdev"
	# The whole of it in one go, for the sums below.
	need blockdev --setra 16384 "$(disk_dev "$vdev")"
	need guest_run g1 "blockdev --setra 16384 /dev/$vdev"
done
load >/run/xenpv/load.fio
need guest_push g1 /run/xenpv/load.fio
check "fio on 3 disks at once verifies" env GUEST_TIMEOUT=150 bash -c \
	". $(dirname "$0")/../lib/lab.sh; trap - EXIT; guest_run g1 'cd /tmp && fio --minimal load.fio'"

stalls=0
for vdev in "${disks[@]}"; do
	n=$(front_stat g1 "$vdev" stalls)
	stalls=$((stalls + n))
	is "$vdev: no error" "$(front_stat g1 "$vdev" errors)" 0
	is "$vdev: the same bytes in dom0" "$(guest_sha g1 "/dev/$vdev")" "$(sha "$(disk_dev "$vdev")")"
done
check "requests had to wait ($stalls times)" test $stalls -gt 0
for vdev in "${disks[@]}"; do
	check "$vdev goes" disk_detach g1 "$vdev"
done

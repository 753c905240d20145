#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest whose grant table has 1024 entries, all of which its busy disks would take:
# requests wait for grants, none is lost, and a disk that begins late gets its share.
# timeout: 250
# Seen failing: with BLK_STS_DEV_RESOURCE for such a request, which nothing restarted
# where those under way ended in a batch (fio waits for ever, three runs of three).
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

BUSY=(xvdb xvdc xvdd)

# job DISK MIB TIMES
job() {
	echo "fio --name=$1 --filename=/dev/$1 --rw=randwrite --bs=256k --size=$2m --loops=$3 --ioengine=libaio" \
		"--iodepth=32 --direct=1 --verify=crc32c --verify_fatal=1 --do_verify=1"
}
stalls() {
	local vdev sum=0
	for vdev in "${BUSY[@]}"; do sum=$((sum + $(front_stat g1 "$vdev" stalls))); done
	echo $sum
}

pair_setup guest
need guest_create g1 vcpus=2 mem=768 cfg='max_grant_frames = 2'
for vdev in "${BUSY[@]}" xvde; do need disk_create "$vdev" kind=ram size=32; done
for vdev in "${BUSY[@]}" xvde; do need disk_attach g1 "$vdev" "$vdev"; done
for vdev in "${BUSY[@]}"; do need guest_start_bg g1 "$vdev" "$(job "$vdev" 32 6)"; done
sleep 2
check "fio verifies on a disk that was idle while others took all grants" guest_run g1 "$(job xvde 4 1) >/tmp/log 2>&1 || { cat /tmp/log; false; }"
for vdev in "${BUSY[@]}"; do check "and on $vdev" guest_wait_bg g1 "$vdev"; done
check "requests have waited for grants: $(stalls) times" test "$(stalls)" -gt 0
for vdev in "${BUSY[@]}" xvde; do check "$vdev goes" disk_detach g1 "$vdev"; done

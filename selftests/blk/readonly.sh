#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk that is attached read-only stays as it is, whatever the guest does and
# even where its driver does not know: the backend's mode key and info are made
# to lie to it. A write-protected device is served read-only.
#
# Would fail (not tried yet): blkback without the BLKBACK_BAD_MODE check (image changed),
# blkback that takes the mode of the disk alone, blkfront that ignores info.
# timeout: 300
. "$(dirname "$0")/pair.sh"

# Prints the status of a write by the guest's block layer.
guest_write() {
	guest_run g1 "dd if=/dev/urandom of=/dev/$1 bs=4k count=4 oflag=direct conv=notrunc 2>&1; echo status=\$?"
}
failed() { [ "$(tail -n 1 <<<"$1")" = status=1 ]; }

# Our keys as the guest's driver will see them: "mode" was read by the backend
# when it opened the disk; "info" will be written into a node that only dom0
# may read, so that the guest takes it for absent.
fool() {
	local back
	back=$(disk_backend g1 "$1")
	xenstore-write "$back/mode" w
	xenstore-write "$back/info" 0
	xenstore-chmod "$back/info" n0
}
opened() { [ "$(back_sysfs g1 "$1" physical_device)" != 0:0 ]; }

pair_setup guest
need disk_create plain size=8
need disk_create fooled size=8
need disk_create protected size=8
for disk in plain fooled protected; do
	dd if=/dev/urandom of="$(disk_dev $disk)" bs=1M count=8 oflag=direct status=none
	sums[${#sums[@]}]=$(sha "$(disk_dev $disk)")
done
blockdev --setro "$(disk_dev protected)"
# the loop device would keep it for its next user
at_exit blockdev --setrw "$(disk_dev protected)"

need guest_create g1 frontblk=none
need disk_attach g1 plain xvdb r nowait
need disk_attach g1 fooled xvdc r nowait
need disk_attach g1 protected xvdd w nowait
check "the backend has opened the disk" wait_until 10 opened xvdc
need fool xvdc
need frontend_use g1 blkfront "$FRONT"
for vdev in xvdb xvdc xvdd; do
	need disk_wait g1 $vdev
done

is "mode r: the guest's disk is read-only" "$(guest_run g1 'cat /sys/block/xvdb/ro')" 1
is "mode r: the guest reads it" "$(guest_sha g1 /dev/xvdb)" "${sums[0]}"
out=$(guest_write xvdb)
check "mode r: a write fails" failed "$out" || diag "$out"
guest_run g1 'blockdev --setrw /dev/xvdb' >/dev/null 2>&1
out=$(guest_write xvdb)
check "mode r: a write fails after blockdev --setrw" failed "$out" || diag "$out"
is "mode r: sysfs of the backend" "$(back_sysfs g1 xvdb mode)" r

is "a guest that was lied to takes the disk for writable" "$(guest_run g1 'cat /sys/block/xvdc/ro')" 0
out=$(guest_write xvdc)
check "its writes fail" failed "$out" || diag "$out"
refused=$(back_stat g1 xvdc bad_entries)
check "because the backend refused them ($refused requests)" test "${refused:-0}" -gt 0
check "and says why in dom0's log" said "request with op 1, .* refused: the disk is read-only"
is "it still reads" "$(guest_sha g1 /dev/xvdc)" "${sums[1]}"

is "write-protected, mode w: read-only in the guest" "$(guest_run g1 'cat /sys/block/xvdd/ro')" 1
out=$(guest_write xvdd)
check "write-protected: a write fails" failed "$out" || diag "$out"
check "write-protected: dom0's log says so" said "disk 7:[0-9]+ is write-protected"

for vdev in xvdb xvdc xvdd; do
	check "$vdev goes" disk_detach g1 $vdev
done
is "mode r: the image is unchanged" "$(sha "$(disk_file plain)")" "${sums[0]}"
is "lied to: the image is unchanged" "$(sha "$(disk_file fooled)")" "${sums[1]}"
is "write-protected: the image is unchanged" "$(sha "$(disk_file protected)")" "${sums[2]}"

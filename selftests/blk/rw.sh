#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Data arrives where it was sent: all sizes, depths and alignments, verified by
# fio in the guest, then compared with the backing file in dom0.
#
# Would fail (not tried yet): blkback with a segment's first sector off by one (fio's crc),
# blkback that puts a response without pushing it (time-out), blkfront that
# grants pages read-only for reads (I/O error).
# timeout: 300
# two processors
. "$(dirname "$0")/pair.sh"

# Each job has 4 MiB of the disk for itself; one start of fio for all of them.
offset=0
job() {
	printf '[%s]\nstonewall\noffset=%dm\nsize=%s\n' "$1" $offset "$2"
	offset=$((offset + 4))
	shift 2
	printf '%s\n' "$@"
}

matrix() {
	local depth
	printf '%s\n' '[global]' filename=/dev/xvdb ioengine=libaio direct=1 \
		rw=randwrite verify=crc32c verify_fatal=1 do_verify=1 randseed=7
	for depth in 1 8 64; do
		job "512 bytes, depth $depth" 48k bs=512 iodepth=$depth
		job "4 KiB, depth $depth" 384k bs=4k iodepth=$depth
		job "64 KiB, depth $depth" 2m bs=64k iodepth=$depth
		job "1 MiB, depth $depth" 4m bs=1m iodepth=$depth
		job "mixed sizes, depth $depth" 1m bsrange=512-128k iodepth=$depth
	done
	# memory that begins at a sector within a page, so that data lies across
	# pages; and sizes that are no whole number of pages
	job "memory at odd sectors" 512k bs=4k iomem_align=512 iodepth=16
	job "9 sectors" 580608 bs=4608 iomem_align=512 iodepth=16
	job "a request's limit and a sector" 2278400 bs=45568 iomem_align=512 iodepth=16
	job "page cache, 4 KiB" 512k bs=4k direct=0 ioengine=psync end_fsync=1
	job "page cache, 1 MiB" 4m bs=1m direct=0 ioengine=psync fsync=2
}

pair_setup guest
need disk_create d1 size=96
need guest_create g1
need disk_attach g1 d1 xvdb
matrix >/run/xenpv/matrix.fio
need guest_push g1 /run/xenpv/matrix.fio
ok "the disk appears"

out=$(GUEST_TIMEOUT=200 guest_run g1 'cd /tmp && fio matrix.fio 2>&1')
status=$?
is "fio's status" $status 0 || diag "$(tail -n 40 <<<"$out")"
while read -r name; do
	if grep -qF "$name: (groupid=" <<<"$(grep 'err= 0' <<<"$out")"; then
		ok "verified: $name"
	else
		not_ok "verified: $name" "$(grep -F "$name" <<<"$out")"
	fi
done < <(sed -n 's/^\[\(.* .*\)\]$/\1/p' /run/xenpv/matrix.fio)

is "the disk's sha256 in the guest and of the file in dom0" \
	"$(guest_sha g1 /dev/xvdb)" "$(sha "$(disk_file d1)")"
is "no request went through pages of blkfront's own" "$(front_stat g1 xvdb bounced)" 0
is "no error was counted in the guest" "$(front_stat g1 xvdb errors)" 0
is "no error was counted in dom0" "$(back_stat g1 xvdb errors)" 0
check "the disk goes" disk_detach g1 xvdb

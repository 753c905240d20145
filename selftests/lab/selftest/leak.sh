#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything that can be left behind is told.
# timeout: 60
# expect: ^not ok 2 - lab/selftest/leak: leaves nothing behind$
# expect: ^# xenstore: > /local/domain/0/backend/vbd/77
# expect: ^# evtchn: [<>] +\d+ s=
# expect: ^# grants: > d0 \d+
# expect: ^# interrupts: > evtchn:python3
# expect: ^# threads: > scsi_eh_
# expect: ^# memory: unaccounted grew by
# expect: ^1 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

xenstore-write /local/domain/0/backend/vbd/77/51712/state 4
modprobe scsi_debug dev_size_mb=1
modprobe null_blk nr_devices=0
mkdir /sys/kernel/config/nullb/leak
cd /sys/kernel/config/nullb/leak || exit 1
echo 1 >memory_backed
echo 64 >size
echo 1 >power
dd if=/dev/zero of=/dev/leak bs=1M count=30 oflag=direct status=none
# not by need, which has /dev/null for its input
python3 - <<-'EOF' || bail "no event channel and no grant to leave"
	import fcntl, mmap, os, struct, time
	done, tell = os.pipe()
	if os.fork():
	    os.close(tell)
	    os._exit(os.read(done, 1) != b"1")
	os.setsid()
	evtchn = open("/dev/xen/evtchn", "rb+", buffering=0)
	fcntl.ioctl(evtchn, 0x044502, struct.pack("I", 0))  # bind an unbound port
	gntalloc = open("/dev/xen/gntalloc", "rb+", buffering=0)
	# a page granted to dom0 itself, writable, and mapped
	grant = bytearray(struct.pack("HHIQQ", 0, 1, 1, 0, 0))
	fcntl.ioctl(gntalloc, 0x184705, grant)
	gntdev = open("/dev/xen/gntdev", "rb+", buffering=0)
	ref = bytearray(struct.pack("IIQII", 1, 0, 0, 0, struct.unpack_from("I", grant, 16)[0]))
	fcntl.ioctl(gntdev, 0x184700, ref)
	page = mmap.mmap(gntdev.fileno(), 4096, offset=struct.unpack_from("Q", ref, 8)[0])
	os.write(tell, b"1")
	for fd in 0, 1, 2, done, tell:
	    os.close(fd)
	time.sleep(100000)
EOF
ok "left things"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend, of a disk and of a network: no guest is booted.
# timeout: 120
# expect: ^5 passed, 0 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

for driver in blkback blkfront netback netfront; do
	need xenpv-driver $driver intree
done
need disk_create d1 kind=ram size=32
check "a disk" disk_attach 0 d1 xvdz
check "takes data" dd if=/dev/urandom of=/dev/xvdz bs=1M count=4 oflag=direct
is "the same data on the other side" "$(dd if=/dev/xvdz bs=1M count=4 iflag=direct status=none | md5sum)" \
	"$(dd if="$(disk_dev d1)" bs=1M count=4 iflag=direct status=none | md5sum)"
check "detaches" disk_detach 0 xvdz
check "a network" net_attach 0 script=vif-plain

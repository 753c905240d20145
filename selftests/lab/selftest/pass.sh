#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kernel's own block pair in a guest: the lab works.
# timeout: 120
# expect: ^ok \d+ - lab/selftest/pass: the same bytes in dom0$
# expect: ^5 passed, 0 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need backend_use blkback intree
need guest_create g1 front=intree
need disk_create d1 size=64
is "a command's output arrives" "$(guest_run g1 'echo hello')" hello
check "the disk appears" disk_attach g1 d1 xvdb
check "mkfs, mount, write" guest_run g1 \
	'mkfs.ext4 -q /dev/xvdb && mount /dev/xvdb /mnt && echo data >/mnt/file && umount /mnt'
is "the same bytes in dom0" "$(debugfs -R 'cat /file' "$(disk_dev d1)" 2>/dev/null)" data
check "the disk goes" disk_detach g1 xvdb

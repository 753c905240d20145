#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each operation of the protocol, asked for by a frontend that is a program, in both
# of a PC's ring layouts: barriers, which Linux' frontends use only where there are
# no flushes, and all that none of them would ever ask for. See ops.py.
# timeout: 120
# tier: short, deep
# Seen failing: with barriers left out of may_be_empty() (drivers/blkback/abi.c). Not
# noticed here, as the block layer refuses both too, but by the unit tests: a range
# check that overflows, a secure discard that is checked as a plain one.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

DIR=$(dirname "$0")

pair_setup own
# With a cache, so that flushes and barriers are offered, and reach the disk.
need disk_create d1 kind=ram size=8 cache_size=1 discard=1
need disk_create d2 size=8

tap_from timeout "$(seconds 100)" python3 "$DIR/ops.py" "$(disk_dev d1)"
deep || exit 0
check "another disk works" disk_attach 0 d2 xvdy
check "with I/O" bash -c "dd if=/dev/urandom of=/dev/xvdy bs=1M count=4 oflag=direct status=none"
is "the same bytes at both ends" "$(sha /dev/xvdy)" "$(sha "$(disk_dev d2)")"
check "and goes" disk_detach 0 xvdy

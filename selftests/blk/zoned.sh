#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk with zones, which the protocol knows nothing of, is refused with a line that
# says so.
# timeout: 60
# Would fail (not tried): without refuse_zoned() in vbd.c.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

pair_setup own
need disk_create zoned kind=ram size=16 zoned=1 zone_size=4
is "the disk has zones" "$(cat "/sys/block/$(basename "$(disk_dev zoned)")/queue/zoned")" host-managed
said_from
timeout "$(seconds 60)" xl block-attach 0 "phy:$(disk_dev zoned),xvdb,w" >/dev/null 2>&1
check "a line says why" wait_until 10 said 'disk [0-9]+:[0-9]+ is zoned'
diag "$(said_lines 'is zoned')"
check "the frontend has no disk" test ! -e /sys/block/xvdb
# unless xl has taken it away itself
gone() { ! xenstore-exists "$(disk_backend 0 xvdb)" || disk_detach 0 xvdb; }
check "the device goes" gone

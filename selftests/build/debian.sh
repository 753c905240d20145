#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A whole Debian boots from its own disk through our package, as HVM, PVH and PV guest:
# disk.sh makes the disk, guests/debian is what is run in the lab.
# tier: deep
# timeout: 1700
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"

# shellcheck disable=SC2086 # nothing, or one word
XENPV_LAB_DISK=$("$here/disk.sh" ${KERNEL:-}) || bail "disk.sh made no disk"
export XENPV_LAB_DISK
relay "" "$here/../check" run guests/debian

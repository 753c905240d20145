#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Secure discards, end to end. No disk of Linux 6.1 that the lab can have knows them,
# so that it is a program's: our frontend makes a disk of it (xvdx), our backend offers
# that to a second frontend (xvdy). See secure.py.
# timeout: 90
# tier: short, deep
# Would fail (not tried) when either driver drops BLKIF_DISCARD_SECURE on its way (a
# plain discard comes), or offers discard-secure for a disk that cannot.
# shellcheck source=selftests/blk/pair.sh
. "$(dirname "$0")/pair.sh"

MIB=8
told() { xenstore-read "$(disk_backend 0 xvdy)/$1" 2>/dev/null; }
# discards: what has come to the program since the last time, as "FIRST SECTORS FLAG".
discards() {
	local word line
	while read -r -t 1 -u "${backend[0]}" word line; do echo "$line"; done
}
# data_in MIB: bytes of it that are not 0.
data_in() { dd if=/dev/xvdy bs=1M skip="$1" count=1 iflag=direct status=none | tr -d '\0' | wc -c; }

pair_setup own
coproc backend { exec timeout "$(seconds 80)" python3 "$(dirname "$0")/secure.py" $((MIB * 2048)) 2>&1; }
# Its input ends, it takes its disk away.
at_exit "exec ${backend[1]}>&-; wait ${backend_PID:?}"
read -r -t "$(seconds 30)" -u "${backend[0]}" line
is "a backend that offers discard-secure has a disk" "$line" ready
is "of the right size" "$(blockdev --getsize64 /dev/xvdx)" $((MIB << 20))
need dd if=/dev/urandom of=/dev/xvdx bs=1M count=$MIB oflag=direct status=none

check "a secure discard" blkdiscard --secure -o 1M -l 1M /dev/xvdx
is "comes to the backend as one" "$(discards)" "2048 2048 1"
check "a plain one" blkdiscard -o 2M -l 1M /dev/xvdx
is "comes as a plain one" "$(discards)" "4096 2048 0"

need disk_attach 0 /dev/xvdx xvdy
is "our backend offers what the disk can: discard-secure" "$(told discard-secure)" 1
check "a secure discard through both" blkdiscard --secure -o 4M -l 1M /dev/xvdy
is "comes to the disk as one" "$(discards)" "8192 2048 1"
is "which has forgotten the data" "$(data_in 4)" 0
check "not what is behind it" test "$(data_in 5)" -gt 1000000
check "the disk goes" disk_detach 0 xvdy

# A disk that cannot.
need disk_create d1 size=8
need disk_attach 0 d1 xvdy
is "no discard-secure where the disk cannot" "$(told discard-secure)" 0
check "and none at the frontend" bash -c '! blkdiscard --secure -l 1M /dev/xvdy 2>/dev/null'
check "the disk goes" disk_detach 0 xvdy

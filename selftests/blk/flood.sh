#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A backend that changes its size, or connects anew, as fast as it can: what the frontend's
# kernel logs and sends to udev stays bounded, and the last word counts.
#
# Would fail (not tried): a size that is applied each time, a connection that is made each time.
# timeout: 180
# The kernel's own backend does not look at what stands in its directory.
BACK=${BACK:-intree}
. "$(dirname "$0")/pair.sh"
TIMES=400	# sizes that the backend writes
SECONDS_OF_ANEW=12

front_is() { [ "$(xenstore-read "$front/state")" = "$1" ]; }
size_is() { [ "$(blockdev --getsz /dev/xvdb)" = "$1" ]; }
uevents() { grep -c 'change.*/xvdb ' /tmp/flood.uevents; }
sizes() {
	local i
	for ((i = 1; i <= TIMES; i++)); do
		xenstore-write "$back/sectors" $((8192 + i * 8)) "$back/state" 4
	done
}
# spin FRONTEND-STATE: without a pause, as long as there is time.
spin() { until front_is "$1" || [ $SECONDS -ge $end ]; do :; done; }
# What a backend that starts over writes, again and again.
anew() {
	end=$((SECONDS + SECONDS_OF_ANEW))
	for ((connections = 0; SECONDS < end; connections++)); do
		xenstore-write "$back/state" 1
		spin 1
		xenstore-write "$back/state" 2
		spin 3
		xenstore-write "$back/sectors" $((8192 + connections % 2 * 8)) "$back/state" 4
		spin 4
	done
}

pair_setup own
need disk_create d1 size=16
need disk_attach 0 d1 xvdb
need udevadm settle
# It would read the disk at each change, in the end from nobody.
need udevadm control --stop-exec-queue
at_exit udevadm control --start-exec-queue
back=$(disk_backend 0 xvdb) front=$(disk_frontend 0 xvdb)
stdbuf -oL udevadm monitor --kernel --subsystem-match=block >/tmp/flood.uevents &
monitor=$!
at_exit "kill $monitor"
need wait_until 10 grep -q KERNEL /tmp/flood.uevents

said_from
start=$SECONDS
sizes
# one a second on average, of each line, and those at once
most=$((SECONDS - start + 11))
check "the last size is there in the end" wait_until 20 size_is $((8192 + TIMES * 8))
n=$(said_lines 'xvdb: detected capacity change' | wc -l)
check "$TIMES sizes: $n lines of the kernel's, at most $most" test "$n" -le $most
n=$(uevents)
check "$n uevents" test "$n" -le $most

said_from
anew
n=$(said_lines 'blkfront: xvdb:' | wc -l)
check "$connections connections in $SECONDS_OF_ANEW s: $n lines" test "$n" -le 30
check "and no more connections than that" test "$connections" -le 30
need wait_until 20 front_is 4
check "the disk goes" disk_detach 0 xvdb

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Frames of a guest that leaves no segmentation to others stay as they are: what
# they are forwarded to may be a router, whose MTU merged ones exceed. Who wants
# them merged asks for it.
# timeout: 240
# Fails when netdev.c leaves GRO on: most frames are above the MTU.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

SIZE=$((16 << 20))

gro() { ethtool -k vif0.0 | awk '$1 == "generic-receive-offload:" { print $2 }'; }
listens() { grep -q listens /tmp/job.frames; }

# stream: the data from the frontend to dom0; frames, larger ones and the largest
# are in $frames then, and how long it took in $ms.
stream() {
	local sent got from
	dom0_job frames "python3 $NET_DIR/frames.py vif0.0 1500"
	wait_until 20 listens || return 1
	dom0_job rx "$(receive 4 5002)"
	from=$(date +%s%3N)
	dom0_job tx "ip netns exec peer bash -c '$(send $DOM0_4 5002 0)'"
	sent=$(dom0_wait tx) && got=$(dom0_wait rx) || return 1
	ms=$(($(date +%s%3N) - from))
	frames=$(dom0_wait frames | tail -n 1) || return 1
	report="GRO $(gro): $SIZE bytes in $ms ms; frames, above the MTU, the largest: $frames"
	[ ${#sent} = 64 ] && [ "$sent" = "$got" ] && [ "${frames%% *}" -gt 100 ]
}
larger() { awk '{ print $2 }' <<<"$frames"; }

pair_setup own
need own_attach
need data_create $((SIZE >> 20))
need in_peer ethtool -K "$own_front" tso off gso off
is "GRO" "$(gro)" off
need stream
diag "$report"
is "frames above the MTU" "$(larger)" 0
check "asked for" ethtool -K vif0.0 gro on
need stream
diag "$report"
check "frames are merged" [ "$(larger)" -gt 100 ]
check "and no longer" ethtool -K vif0.0 gro off
need stream
diag "$report"
is "frames above the MTU, again" "$(larger)" 0
check "detached" net_detach 0 0

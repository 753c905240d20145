#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vif's rate is that of all its queues together, held within 10 %, and changes
# while it is in use.
# timeout: 120
# tier: short, deep
# Would fail (not tried) when, for example, netback_rate_take() is asked per queue: twice the rate.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACKEND=/local/domain/0/backend/vif/0/0

# rate_of SECONDS: Mbit/s of two streams from the frontend to dom0, after a while.
rate_of() {
	local out warm=2
	deep || warm=1
	in_peer iperf3 -s -1 -D >/dev/null 2>&1 && sleep 0.5
	out=$(iperf3 -J -c $PEER_4 -R -P 2 -O $warm -t "$1") || { echo "$out"; return 1; }
	python3 -c 'import json, sys
print(round(json.loads(sys.argv[1])["end"]["sum_received"]["bits_per_second"] / 1e6, 2))' "$out"
}
# A short look is less exact.
SECONDS_LONG=3 PERCENT=20
! deep || SECONDS_LONG=6 PERCENT=10
within() {
	python3 -c 'import sys
got, want, off = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]) / 100
sys.exit(not want * (1 - off) <= got <= want * (1 + off))' "$1" "$2" $PERCENT
}

pair_setup own
need own_attach rate=8Mb/s
is "what xl has written" "$(xenstore-read $BACKEND/rate)" 50000,50000
check "pings get through" reaches
got=$(rate_of $SECONDS_LONG)
check "8 Mbit/s: $got" within "$got" 8
need xenstore-write $BACKEND/rate 100000,50000
got=$(rate_of $SECONDS_LONG)
check "16 Mbit/s, set meanwhile: $got" within "$got" 16
need xenstore-write $BACKEND/rate nonsense
got=$(rate_of $((SECONDS_LONG / 3)))
check "without a limit that makes sense, without one: $got" python3 -c "import sys; sys.exit(float('$got') < 20)"
check "packets that waited are counted" test "$(back_ethtool 0 0 'q[0-9]*_rx_limited')" -gt 0
check "detached" net_detach 0 0

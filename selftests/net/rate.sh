#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vif's rate is that of all its queues together, held within 10 %, and changes
# while it is in use.
# timeout: 120
# Would fail (not tried) when, for example, netback_rate_take() is asked per queue: twice the rate.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACKEND=/local/domain/0/backend/vif/0/0

pair_setup own
need own_attach rate=8Mb/s
is "what xl has written" "$(xenstore-read $BACKEND/rate)" 50000,50000
check "pings get through" reaches
got=$(rate_of 6 2)
check "8 Mbit/s: $got" within "$got" 8 10
need xenstore-write $BACKEND/rate 100000,50000
got=$(rate_of 6 2)
check "16 Mbit/s, set meanwhile: $got" within "$got" 16 10
need xenstore-write $BACKEND/rate nonsense
got=$(rate_of 2 2)
check "without a limit that makes sense, without one: $got" python3 -c "import sys; sys.exit(float('$got') < 20)"
check "packets that waited are counted" test "$(back_ethtool 0 0 'q[0-9]*_rx_limited')" -gt 0
check "detached" net_detach 0 0

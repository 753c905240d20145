#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that stops reading: what waits for it is bounded, then thrown away, then
# its carrier goes; others do not suffer; it can come back.
# timeout: 120
# Would fail (not tried) when, for example
# - netback_to_guest_enqueue() takes packets without limit (CVE-2021-28715)
# - expire() or give_up_guest() does not run without events
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

need_built netback netfront
need backend_use netback ours rx_drain_timeout_msecs=1000 rx_stall_timeout_msecs="$(by_tier 4000 2500)"
need frontend_use 0 netfront ours
need own_attach
check "pings get through" reaches

# A second pair, which goes on.
need net_attach 0 mac=00:16:3e:00:00:03 script=vif-plain
need ip link set "$(front_name 1)" name second netns peer
need in_peer bash -c "ip addr add 10.97.0.2/24 dev second && ip link set second up"
need bash -c "ip addr add 10.97.0.1/24 dev vif0.1 && ip link set vif0.1 up"
check "the second too" wait_until 10 ping -q -c 1 -W 1 10.97.0.2

carrier_is() { [ "$(cat /sys/class/net/vif0.0/carrier)" = "$1" ]; }

need in_peer ip link set "$own_front" down
check "much more than fits is sent" flood
check "what waits is bounded" bounded
check "the second goes on" ping -q -c 5 -i 0.2 -W 5 10.97.0.2
empty() { ! queued | grep -qv '^0 0'; }
check "what waited too long is thrown away" wait_until 10 thrown
check "all of it" wait_until 10 empty
check "then the guest counts as stalled" wait_until 10 stalled
check "without a carrier" carrier_is 0
check "the second still goes on" ping -q -c 5 -i 0.2 -W 5 10.97.0.2
need in_peer ip link set "$own_front" up
check "it reads again" wait_until 10 ready
check "and has a carrier" wait_until 5 carrier_is 1
check "pings get through" reaches
check "detached" net_detach 0 0
check "the second too" net_detach 0 1

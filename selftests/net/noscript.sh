#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A vif whose script never writes hotplug-status: packets flow, and the log says
# after a while why the backend's state is not Connected.
# timeout: 150
# Fails when connect() in connect.c does not queue the look at the script.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

BACKEND=/local/domain/0/backend/vif/0/0

attached() { [ -e "/sys/class/net/$(front_name 0)" ] && [ -e /sys/class/net/vif0.0 ]; }
overdue() { dmesg | grep -c 'vif-0-0: .* has not reported'; }
one_more() { [ "$(overdue)" -gt "$before" ]; }
connected() { [ "$(xenstore-read $BACKEND/state)" = 4 ]; }

pair_setup own
before=$(overdue)
need net_attach 0 mac=$PEER_MAC script=/bin/true nowait
need wait_until 20 attached
need own_addresses
check "pings get through" wait_until 10 reaches
is "InitWait" "$(xenstore-read $BACKEND/state)" 2
check "a line about the script" wait_until 60 one_more
diag "$(dmesg | grep 'has not reported' | tail -n 1)"
need xenstore-write $BACKEND/hotplug-status connected
check "Connected once it reports" wait_until 10 connected
is "one line" $(($(overdue) - before)) 1
check "pings get through" reaches
check "detached" net_detach 0 0

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The frontend's MTU follows the toolstack's key: the bridge's, which xl's own
# script writes once the frontend may have connected already, and what is written
# later. What the user sets stays until the key changes.
# timeout: 120
# Fails when netfront reads the key while it connects and never again.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

KEY=/local/domain/0/device/vif/0/mtu
mtu() { cat "/sys/class/net/$own_front/mtu"; }
has_mtu() { [ "$(mtu)" = "$1" ]; }
# complained TEXT: whether the frontend has looked at such a key
complained() { dmesg | tail -n 20 | grep -q "device/vif/0/mtu \"$1\""; }

pair_setup own
need net_bridge $BRIDGE
need ip link set $BRIDGE mtu 9000
need net_attach 0 mac=$PEER_MAC bridge=$BRIDGE script=vif-bridge
own_front=$(front_name 0)
is "the script has written the bridge's MTU" "$(xenstore-read $KEY)" 9000
check "the frontend follows" wait_until 10 has_mtu 9000

need xenstore-write $KEY 1400
check "and the key, as it changes" wait_until 10 has_mtu 1400
need ip link set "$own_front" mtu 1300
need xenstore-write $KEY 1400
need xenstore-write $KEY x1
check "what is no number is named" wait_until 10 complained x1
is "the user's MTU stays" "$(mtu)" 1300
need xenstore-write $KEY 67
need xenstore-write $KEY 9001
check "another is followed" wait_until 10 has_mtu 9001
check "detached" net_detach 0 0

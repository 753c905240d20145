#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The control ring with a frontend that says what it likes, played by a program:
# each message is answered as the protocol has it, a liar is shut, nobody else
# suffers. See ctrl.py for the cases.
# timeout: 240
# tier: short, deep
# Would fail (not tried) when, for example
# - ctrl_msg.c adds offset and length (XSA-270), or passes on what it cannot fetch
# - what a guest has set survives its connection
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

pair_setup own
need own_attach
check "pings get through" reaches

tap_from timeout $((200 * TIME_FACTOR)) python3 "$NET_DIR/ctrl.py"
check "pings get through as before" reaches
check "detached" net_detach 0 0

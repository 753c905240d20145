#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest whose rings share an event channel sends without pause: what is for it
# goes on as it posts slots. See shared.py for the case.
# timeout: 240
# two processors
# Fails when netback_from_guest_poll() ends no event while it has packets to take: what is
# for the guest then waits until it expires.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

need_built netback
need backend_use netback ours rx_drain_timeout_msecs=60000
tap_from timeout $((200 * TIME_FACTOR)) python3 "$NET_DIR/shared.py"

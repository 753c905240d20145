#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets of a guest whose sizes, offsets, segments or extra infos do not add up:
# each is dropped and counted, the vif goes on. See slots.py for the cases.
# timeout: 240
# Fails when from_guest_parse.c has NETBACK_PARSE_FATAL for any of these, as it had: the
# frame behind it is not answered.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

need_built netback
need backend_use netback ours
tap_from timeout $((200 * TIME_FACTOR)) python3 "$NET_DIR/slots.py"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 as its own frontend: attached and detached many times with nothing left
# behind, as the runner finds. ROUNDS=200 for more.
# timeout: 240
# Would fail (not tried) when, for example, either driver keeps a grant, an event channel or a page
# of a detached pair.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

ROUNDS=${ROUNDS:-30}

rounds() {
	local i
	for ((i = 0; i < ROUNDS; i++)); do
		if ! net_attach 0 mac=$PEER_MAC script=vif-plain || ! net_detach 0 0; then
			echo "round $i"
			return 1
		fi
	done
}

pair_setup own
check "attached and detached $ROUNDS times" rounds
is "no interface of dom0's own is left" "$(xenstore-list /local/domain/0/device/vif)" ""

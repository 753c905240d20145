#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The frontend's carrier outlives what is short: another number of queues, an XDP
# program, a backend that is replaced or starts over; so that no network manager
# drops lease and routes. A backend that goes and does not come back takes it away.
# net/save has a restore.
# timeout: 150
# Fails when netfront takes the carrier away with each connection that ends, or
# never.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

FRONTEND=/local/domain/0/device/vif/0
DRIVER=/sys/bus/xen-backend/drivers/vif
# A backend that is keys in xenstore and nothing else.
FAKE=/local/domain/0/fake
FRONT=/local/domain/0/device/vif/31
BACK=$FAKE/backend/vif/0/31
INITIALISING=1 INITWAIT=2 CONNECTED=4 CLOSED=6

changes() { in_peer cat "/sys/class/net/$own_front/carrier_changes"; }
has_queues() { [ "$(xenstore-read $FRONTEND/multi-queue-num-queues)" = "$1" ] && reaches 1; }
headroom() { [ "$(xenstore-read $FRONTEND/xdp-headroom)" = "$1" ] && reaches 1; }
program() { in_peer timeout $((20 * TIME_FACTOR)) python3 "$NET_DIR/xdp.py" "$@"; }
front_is() { [ "$(xenstore-read $FRONT/state)" = "$1" ]; }
carrier() { [ "$(cat "/sys/class/net/$fake_front/carrier")" = "$1" ]; }
remove() {
	xenstore-rm $FRONT
	xenstore-rm $FAKE
	wait_until 10 test ! -e /sys/bus/xen/devices/vif-31
}

need_built netback netfront
need backend_use netback ours max_queues=2
need frontend_use 0 netfront ours max_queues=2
need bridge_create
# dom0's addresses are the bridge's: they outlive the vif
own_back() { ip link set vif0.0 master $BRIDGE up; }
need own_attach
check "pings get through" wait_until 10 reaches 1
before=$(changes)
for number in 1 2; do
	need in_peer ethtool -L "$own_front" combined $number
	check "$number queues" wait_until 20 has_queues $number
	is "the carrier stayed" "$(changes)" "$before"
done
need program attach "$own_front" pass
check "an XDP program" wait_until 20 headroom 256
need program detach "$own_front"
check "and none" wait_until 20 headroom 0
is "the carrier stayed" "$(changes)" "$before"
need bash -c "echo vif-0-0 >$DRIVER/unbind && rmmod xen_netback && insmod $MODULES_DIR/xen-netback.ko"
check "another backend takes over" wait_until 10 own_back
check "pings get through again" wait_until 10 reaches 1
is "the carrier stayed" "$(changes)" "$before"
check "detached" net_detach 0 0

at_exit remove
need xenstore-write $BACK/frontend $FRONT $BACK/frontend-id 0 $BACK/feature-rx-copy 1 \
	$BACK/state $INITWAIT $FRONT/backend $BACK $FRONT/backend-id 0 $FRONT/handle 31 \
	$FRONT/mac 00:16:3e:00:00:31 $FRONT/state $INITIALISING
check "a backend that is played" wait_until 10 front_is $CONNECTED
need xenstore-write $BACK/state $CONNECTED
fake_front=$(front_name 31)
need ip link set "$fake_front" up
check "there is a carrier" carrier 1
need xenstore-write $BACK/state $CLOSED
check "the frontend has closed" wait_until 10 front_is $CLOSED
need xenstore-write $BACK/state $INITWAIT
check "the backend starts over" wait_until 10 front_is $CONNECTED
is "the carrier stayed" "$(cat "/sys/class/net/$fake_front/carrier_changes")" 1
need xenstore-write $BACK/state $CLOSED
check "the backend goes" wait_until 10 front_is $CLOSED
check "and the carrier with it" wait_until 10 carrier 0
need xenstore-write $BACK/state $INITWAIT
check "it comes back" wait_until 10 front_is $CONNECTED
check "and the carrier with it" wait_until 10 carrier 1

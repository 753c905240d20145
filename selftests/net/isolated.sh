#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CPUs of a guest that its owner keeps for other work (isolcpus=, irqaffinity=):
# no queue's interrupts go there, and none of its senders is sought there.
# timeout: 150
# Fails when affinity.c spreads over all online CPUs.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

# Of four CPUs 1 is isolated, and 3 is to get no interrupts.
KEPT="isolcpus=1 irqaffinity=0-2"

# interrupts: where each of the queues' is
interrupts() {
	guest_run g1 "awk -F: '/vif0-q/ { print \$1 }' /proc/interrupts |
		while read -r irq; do cat /proc/irq/\$irq/smp_affinity_list; done"
}
senders() { guest_run g1 'cat /sys/class/net/eth0/queues/tx-*/xps_cpus'; }
queues() { guest_run g1 "ethtool -l eth0" | awk '/^Combined/ { n = $2 } END { print n }'; }
has_queues() { [ "$(queues)" = "$1" ]; }

need_built netback netfront
need backend_use netback "$BACK" max_queues=4
need bridge_create
need guest_create g1 vcpus=4 frontblk=none frontnet="$FRONT" args="$KEPT" vif="$GUEST_VIF"
need net_wait g1 0
need guest_net g1
is "four queues" "$(queues)" 4
is "their interrupts" "$(interrupts | sort -u | paste -sd ' ')" "0 2"
is "their senders" "$(senders | sort -u | paste -sd ' ')" "1 4"
check "one queue" guest_run g1 'ethtool -L eth0 combined 1'
check "is connected" wait_until 20 has_queues 1
check "pings get through" wait_until 20 reaches 1
is "its interrupts that may go elsewhere" "$(interrupts | grep -E '1|3|-')" ""
check "the guest goes" guest_destroy g1

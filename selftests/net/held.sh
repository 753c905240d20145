#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that a reader in dom0 still holds when the guest has gone: they are the
# reader's, nobody waits for them and nobody complains. (The kernel's page_pool
# did, each minute: "stalled pool shutdown".)
# timeout: 180
# Fails when the pages of packets come from a page_pool.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

# A server that accepts and never reads.
SERVER='import socket, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)   # SO_RCVBUFFORCE
server.bind(("", 5002))
server.listen()
end, _ = server.accept()
time.sleep(3600)'

serve() { dom0_job server "exec python3 -c '$SERVER'" && wait_until 20 serves; }
serves() { ss -Htln 'sport = :5002' | grep -q .; }
held() { ss -Htn 'sport = :5002' | awk '{ n += $2 } END { print n + 0 }'; }
holds() { [ "$(held)" -ge $((1 << 20)) ]; }
marker="net/held $$"
complains() { dmesg | sed "1,/${marker//\//.}/d" | grep -i 'stalled pool'; }
# The kernel's clock is not slower where the machine is.
silent() {
	local i
	for ((i = 0; i < 75; i++)); do
		! complains || return 1
		sleep 1
	done
}

pair_setup own
need own_attach
need data_create 3
echo "$marker" >/dev/kmsg
need serve
in_peer timeout $((20 * TIME_FACTOR)) socat -u FILE:$DATA "TCP:$DOM0_4:5002" &
check "the reader holds a mebibyte" wait_until 20 holds
check "detached" net_detach 0 0
check "it still holds it" holds
diag "$(held) bytes"
check "no complaint for more than a minute" silent
check "it still holds it" holds
pkill -f SO_RCVBUFFORCE

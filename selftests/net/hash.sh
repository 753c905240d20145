#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The control ring: a guest says by ethtool which queue gets which packets, and
# gets them there; with our backend and with the kernel's. The kernel's frontend,
# which has no such ring, goes on as ever.
# timeout: 240
# leaks memory: the kernel's own frontend, 2.4 MB each time that it goes
# Would fail (not tried) when, for example
# - hash.c hashes other bytes, or in another order (flows.py has a hash of its own)
# - to_guest_place.c counts no slot for the hash of a packet with segments
# - netfront does not tell a new connection what the user has set
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/pair.sh"

CTRL=/sys/kernel/debug/xen-netback/vif0.0/ctrl
# By what it says: of -N it ends with 0 whatever comes of it.
refused() { front "$@" 2>&1 | grep -qE 'Cannot|Invalid|not supported|bad|large|[Kk]ey'; }
queues_of() { in_peer ethtool -l "$own_front" | awk '/^Combined/ { n = $2 } END { print n }'; }
has_queues() { [ "$(queues_of)" = "$1" ] && reaches 1; }
# told COUNT: whether the backend has a table of so many queues
told() { grep -q TOEPLITZ $CTRL && [ "$(awk '/^\[/ { sub(/.*\]:/, ""); print }' $CTRL |
	tr -s ' \n' '\n' | grep -c . )" -gt 0 ] && [ "$(awk '/^\[/ { sub(/.*\]:/, ""); print }' $CTRL |
	tr -s ' \n' '\n' | grep . | sort -un | wc -l)" = "$1" ]; }

# basics WHOSE: what holds with either backend
basics() {
	is "$1: no function is named to begin with" "$(hashing)" ""
	check "$1: key and table" front -X hkey "$KEY" equal 4
	is "$1: hashing is on" "$(hashing)" on
	check "$1: the key is read back" has_key
	is "$1: the table's queues" "$(table)" "0 1 2 3"
	check "$1: flows land where key and table say" flows 4
	check "$1: TCP over IPv4 both ways" own_tcp 4
	check "$1: TCP over IPv6 both ways" own_tcp 6
	check "$1: all to queue 2" front -X start 2 equal 1
	check "$1: flows land there" flows 4
	check "$1: weights" front -X weight 0 3 0 1
	check "$1: flows follow" flows 4
	check "$1: without ports" front -N rx-flow-hash tcp4 sd
	check "$1: flows over IPv4 land in one queue" flows 4
	check "$1: with ports" front -N rx-flow-hash tcp4 sdfn
	check "$1: flows are spread again" flows 4
}

# Of earlier tests in this boot, too.
complaints() { dmesg | grep -c 'control message'; }
complained=$(complaints)

need_built netback netfront
need data_create 2
# hash_cache_size is taken, and has no effect
need backend_use netback ours max_queues=4 hash_cache_size=7
need frontend_use 0 netfront ours max_queues=4
need own_attach
need wait_until 10 has_queues 4
is "hash_cache_size is what it was set to" "$(cat /sys/module/xen_netback/parameters/hash_cache_size)" 7
basics ours
check "debugfs shows it" told 2
check "UDP has no ports to choose" refused -N rx-flow-hash udp4 sdfn
check "a table for a queue that is not there is refused" refused -X weight 1 1 1 1 1
check "a key that is too short is refused" refused -X hkey 11:22
check "another function is refused" refused -X hfunc xor
check "nothing of it changed" told 2
check "fewer queues than the table names are refused" refused -L combined 2
check "a table for two" front -X equal 2
check "two queues" front -L combined 2
check "are connected" wait_until 20 has_queues 2
check "and told to the backend" wait_until 10 told 2
check "the key is kept" has_key
check "flows land where key and table say" flows 2
is "lines in the log about messages" "$(complaints)" "$complained"
check "detached" net_detach 0 0

need wait_until 10 frontend_use 0 netfront none
need backend_use netback intree max_queues=4
need frontend_use 0 netfront ours max_queues=4
need own_attach
need wait_until 10 has_queues 4
basics "the kernel's backend"
check "detached" net_detach 0 0

need wait_until 10 frontend_use 0 netfront none
need backend_use netback ours
need frontend_use 0 netfront intree
need own_attach
check "the kernel's frontend: pings get through" reaches
check "the kernel's frontend: TCP both ways" own_tcp 4
check "without a control ring" [ ! -e $CTRL ]
check "detached" net_detach 0 0

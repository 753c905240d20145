#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What is missing or malformed gives one clear message with its name and value,
# and leaves the rest running: a good disk works during and after all of it.
#
# Would fail (not tried yet): blkback with simple_strtoul() for physical-device (junk taken),
# without the message in read_mode(), with a default for an unknown protocol.
# timeout: 240
. "$(dirname "$0")/pair.sh"

good() { dd if=/dev/xvda of=/dev/null bs=64k count=2 iflag=direct status=none; }

# complains DESC REGEX: once, within some seconds; and the good disk works.
complains() {
	local n
	wait_until 10 said "$2" 2>/dev/null
	# time for a second one
	sleep 1
	n=$(said_lines "$2" | wc -l)
	if [ "$n" = 1 ]; then
		ok "$1: one message that says it"
		diag "$(said_lines "$2" | sed 's/^\[[^]]*\] //')"
	else
		not_ok "$1: one message that says it" "'$2' was logged $n times; the log has:" "$(said_lines xen)"
	fi
	check "$1: the good disk works" good
}

dev_of() { stat -c '%t:%T' "$(disk_dev "$1")"; }

pair_setup own
need disk_create good size=4
need disk_create other size=4
need disk_attach 0 good xvda

said_from
by_hand 51776 mode=w physical-device=zebra
complains "physical-device=zebra" 'physical-device "zebra" is not major:minor in hexadecimal'
away 51776
said_from
by_hand 51776 mode=w physical-device=7:fffffff
complains "a minor that cannot be" 'physical-device "7:fffffff" is not major:minor'
away 51776
said_from
by_hand 51776 mode=w physical-device=fe:77
complains "a device that does not exist" 'cannot open disk 254:119 \(physical-device fe:77\)'
away 51776
said_from
by_hand 51776 mode=maybe "physical-device=$(dev_of other)"
complains "mode=maybe" 'mode "maybe" is neither r nor w'
away 51776
said_from
by_hand 51776 "physical-device=$(dev_of other)"
complains "no mode" 'reading mode'
away 51776

# The frontend's keys, written by a frontend that is not ours and has no ring: a
# wrong event channel of one that has is in lifecycle/blk-handshake.
need disk_create third size=4
# udev may still be looking at a disk
need wait_until 20 frontend_use 0 blkfront none
back_is() { [ "$(xenstore-read $OWN_BACK/51792/state)" = "$1" ]; }
key_junk() {
	local keys=(protocol=x86_64-abi ring-ref=8 event-channel=9)
	said_from
	by_hand 51792 mode=w "physical-device=$(dev_of third)" hotplug-status=connected
	for key in "${keys[@]}" "$@"; do
		if [ "${key#*=}" = none ]; then
			xenstore-rm "$OWN_FRONT/51792/${key%%=*}"
		else
			xenstore-write "$OWN_FRONT/51792/${key%%=*}" "${key#*=}"
		fi
	done
	wait_until 10 back_is 2
	xenstore-write $OWN_FRONT/51792/state 3
}
complains_front() {
	wait_until 10 said "$2" 2>/dev/null
	is "$1: one message that says it" "$(said_lines "$2" | wc -l)" 1 ||
		diag "$(said_lines xen)"
	diag "$(said_lines "$2" | sed 's/^\[[^]]*\] //')"
	is "$1: is not connected" "$(xenstore-read $OWN_BACK/51792/state)" 5
	away 51792
}
key_junk protocol=sparc-abi
complains_front "protocol=sparc-abi" 'protocol "sparc-abi" is unknown'
key_junk ring-ref=zebra
complains_front "ring-ref=zebra" 'ring-ref.*zebra'
key_junk ring-ref=none
complains_front "no ring-ref" 'ring-ref'
key_junk ring-ref=4000000
complains_front "a ring-ref that was never granted" 'ring-ref 4000000 of queue 0 cannot be mapped'

# The toolstack's side of it.
out=$(timeout 60 xl block-attach 0 phy:/dev/nothing,xvdq,w 2>&1)
status=$?
check "xl: a device that does not exist fails ($status)" test $status != 0
is "xl: and says which" "$(grep -om1 /dev/nothing <<<"$out")" /dev/nothing
diag "$out"

# Module parameters.
said_from
out=$(frontend_use 0 blkfront "$FRONT" trusted=perhaps 2>&1)
check "trusted=perhaps: blkfront is not loaded" test ! -d /sys/module/xen_blkfront
check "trusted=perhaps: the log has name and value" said "\`perhaps' invalid for parameter \`trusted'"
said_from
frontend_use 0 blkfront "$FRONT" zebra=1 >/dev/null 2>&1
check "an unknown parameter: the log has its name" said "unknown parameter 'zebra' ignored"

# After all that.
need disk_wait 0 xvda
check "the good disk works again" good
need disk_attach 0 other xvdb
check "a new one works, too" dd if=/dev/xvdb of=/dev/null bs=64k count=2 iflag=direct status=none
check "xvda goes" disk_detach 0 xvda
check "xvdb goes" disk_detach 0 xvdb

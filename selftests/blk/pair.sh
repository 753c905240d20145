# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests of the block pair share: to be sourced, no test of its own.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lab.sh"

# BACK and FRONT choose our drivers or the kernel's; the tests are about ours.
BACK=${BACK:-ours}
FRONT=${FRONT:-ours}

# pair_setup guest|own: the backend; with "own", dom0 is its own frontend too.
pair_setup() {
	[ "$BACK" != ours ] || need_built blkback
	[ "$FRONT" != ours ] || need_built blkfront
	need backend_use blkback "$BACK"
	[ "$1" != own ] || need frontend_use 0 blkfront "$FRONT"
}

# sha FILE: the contents' sha256, past the page cache for a block device.
sha() {
	if [ -b "$1" ]; then
		dd if="$1" bs=1M iflag=direct status=none | sha256sum | cut -c1-64
	else
		sha256sum <"$1" | cut -c1-64
	fi
}

# guest_sha GUEST DEVICE
guest_sha() {
	guest_run "$1" "dd if=$2 bs=1M iflag=direct status=none | sha256sum | cut -c1-64"
}

# front_stat GUEST|0 VDEV NAME, back_stat GUEST|0 VDEV NAME: one line of the
# driver's queues in debugfs, all queues together.
front_stat() {
	local file command
	file=/sys/kernel/debug/xenpv/xen-blkfront/vbd-$(disk_number "$2")/queues
	command="mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug; cat $file"
	if [ "$1" = 0 ]; then
		bash -c "$command"
	else
		guest_run "$1" "$command"
	fi | stat_line "$3"
}

back_stat() {
	mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
	stat_line "$3" <"/sys/kernel/debug/xenpv/xen-blkback/$(vbd_name "$1" "$2")/queues"
}

stat_line() {
	awk -v name="$1:" '
		{ sub(/^ */, "") }
		index($0, name) == 1 { n += substr($0, length(name) + 1); seen = 1 }
		END { if (seen) print n }'
}

# back_sysfs GUEST|0 VDEV FILE: of the backend's device.
back_sysfs() { cat "/sys/bus/xen-backend/devices/$(vbd_name "$1" "$2")/$3"; }

vbd_name() {
	local domid=$1
	[ "$1" = 0 ] || domid=$(guest_domid "$1")
	echo "vbd-$domid-$(disk_number "$2")"
}

# disk_number VDEV: like disk_devid of the library, for any name of a disk.
disk_number() {
	local letters number=0 i digits
	case $1 in
	xvd*) letters=${1#xvd} ;;
	*) letters=${1#[hs]d} ;;
	esac
	digits=${letters##*[a-z]} letters=${letters%%[0-9]*}
	for ((i = 0; i < ${#letters}; i++)); do
		printf -v letter %d "'${letters:i:1}"
		number=$((number * 26 + letter - 96))
	done
	number=$((number - 1)) digits=${digits:-0}
	case $1 in
	hd[ab]*) echo $(((3 << 8) + number * 64 + digits)) ;;
	hd[cd]*) echo $(((22 << 8) + (number - 2) * 64 + digits)) ;;
	sd*) echo $(((8 << 8) + number * 16 + digits)) ;;
	xvd*)
		if [ $number -lt 16 ] && [ "$digits" -lt 16 ]; then
			echo $(((202 << 8) + number * 16 + digits))
		else
			echo $(((1 << 28) + number * 256 + digits))
		fi ;;
	*)
		echo "disk_number: '$1' is no disk" >&2
		return 2 ;;
	esac
}

# said [-v] REGEX: whether dom0's kernel log has a line since the test's begin
# (or the last said_from).
said_from() { _said_from=$(dmesg | wc -l); }
said() { dmesg | tail -n +"$((${_said_from:-0} + 1))" | grep -qE -- "$1"; }
said_lines() { dmesg | tail -n +"$((${_said_from:-0} + 1))" | grep -E -- "$1"; }

# Disks of dom0's own made by hand, as a toolstack would write them: number, backend keys.
OWN_FRONT=/local/domain/0/device/vbd
OWN_BACK=/local/domain/0/backend/vbd/0
by_hand() {
	local number=$1 key
	local -a keys=()
	shift
	for key; do
		keys+=("$OWN_BACK/$number/${key%%=*}" "${key#*=}")
	done
	# in one transaction: xenbus looks at each end's directory for the other's
	xenstore-write "$OWN_FRONT/$number/backend" "$OWN_BACK/$number" \
		"$OWN_FRONT/$number/backend-id" 0 "$OWN_FRONT/$number/virtual-device" "$number" \
		"$OWN_FRONT/$number/device-type" disk "$OWN_FRONT/$number/state" 1 \
		"$OWN_BACK/$number/frontend" "$OWN_FRONT/$number" \
		"$OWN_BACK/$number/frontend-id" 0 "$OWN_BACK/$number/online" 1 \
		"$OWN_BACK/$number/dev" "test$number" "${keys[@]}" "$OWN_BACK/$number/state" 1
}

# Away with them, whatever state they are in.
away() {
	local number
	for number; do
		xenstore-write "$OWN_BACK/$number/online" 0 2>/dev/null
		xenstore-rm "$OWN_FRONT/$number" "$OWN_BACK/$number"
		wait_until 10 test ! -e "/sys/bus/xen-backend/devices/vbd-0-$number"
		wait_until 10 test ! -e "/sys/bus/xen/devices/vbd-$number"
	done
}

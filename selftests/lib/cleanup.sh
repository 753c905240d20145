# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Puts dom0 back to how a test finds it. Run by run-one after every test, so
# that tests need not tidy up; what cannot be tidied is told, one line each.

# cleanup: answers 1 where something would not go away.
cleanup() {
	local bad=0
	_cleanup_guests || bad=1
	_cleanup_own_devices || bad=1
	_cleanup_disks || bad=1
	[ ! -e "$NETS_DIR" ] || net_remove_all 2>/dev/null
	_cleanup_drivers || bad=1
	rm -rf /run/xenpv/saving-* /run/xenpv/need.* "$GUESTS_DIR" "$NETS_DIR"
	return $bad
}

_guest_names() { xl list | awk 'NR > 1 && $2 != 0 { print $2 }'; }

_cleanup_guests() {
	local id
	for id in $(_guest_names); do
		timeout $((60 * TIME_FACTOR)) xl destroy "$id" 2>/dev/null
	done
	wait_until 20 _no_guests 2>/dev/null && return 0
	echo "guests that do not go away: $(xl list | awk 'NR > 1 && $2 != 0' | tr -s ' ' | paste -sd ';')"
	return 1
}
_no_guests() { [ -z "$(_guest_names)" ]; }

# Devices whose frontend is dom0 itself.
_cleanup_own_devices() {
	local kind id bad=0
	for kind in vbd vif; do
		for id in $(xenstore-list /local/domain/0/device/$kind 2>/dev/null); do
			case $kind in
			vbd) timeout $((30 * TIME_FACTOR)) xl block-detach 0 "$id" >/dev/null 2>&1 ;;
			vif) timeout $((30 * TIME_FACTOR)) xl network-detach 0 "$id" >/dev/null 2>&1 ;;
			esac
		done
	done
	for kind in vbd vif; do
		_xenstore_empty $kind && continue
		wait_until 5 _xenstore_empty $kind 2>/dev/null && continue
		# what the toolstack could not: force it, so that the next test can run
		for id in $(xenstore-list /local/domain/0/device/$kind 2>/dev/null); do
			echo "dom0's own $kind $id would not detach"
			timeout $((30 * TIME_FACTOR)) xl block-detach 0 "$id" --force >/dev/null 2>&1
			xenstore-rm "/local/domain/0/device/$kind/$id" "/local/domain/0/backend/$kind/0/$id"
			bad=1
		done
	done
	return $bad
}
_xenstore_empty() { [ -z "$(xenstore-list "/local/domain/0/device/$1" 2>/dev/null)" ]; }

_cleanup_disks() {
	local bad=0 dev
	disk_remove_all || bad=1
	for dev in $(losetup -n -O NAME -l 2>/dev/null); do
		losetup -d "$dev" || bad=1
	done
	[ $bad = 0 ] || echo "disks that would not go away: $(losetup -n -O NAME,BACK-FILE -l | paste -sd ';')"
	return $bad
}

_cleanup_drivers() {
	local driver out bad=0
	for driver in blkfront netfront blkback netback; do
		driver_loaded $driver || continue
		out=$(timeout $((60 * TIME_FACTOR)) xenpv-driver $driver none 2>&1) || {
			echo "xen-$driver cannot be unloaded: $(tail -n 1 <<<"$out")"
			bad=1
		}
	done
	return $bad
}

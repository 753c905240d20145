# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests of lifecycle/ and interop/ share. Sourced, never run.
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lab.sh"

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
BACK_DRIVER=/sys/bus/xen-backend/drivers/vbd
FRONT_DRIVER=/sys/bus/xen/drivers/vbd
export HERE BACK_DRIVER FRONT_DRIVER

# pair_use [FRONT [BACK]]: dom0's drivers, ours where not said otherwise.
pair_use() { backend_use blkback "${2:-ours}" && frontend_use 0 blkfront "${1:-ours}"; }

# front_state GUEST|0 VDEV, back_state GUEST|0 VDEV: numbers of enum xenbus_state.
front_state() { xenstore-read "$(disk_frontend "$1" "$2")/state" 2>/dev/null; }
back_state() { xenstore-read "$(disk_backend "$1" "$2")/state" 2>/dev/null; }

# states_are GUEST|0 VDEV FRONT BACK
states_are() { [ "$(front_state "$1" "$2")/$(back_state "$1" "$2")" = "$3/$4" ]; }

# unbind/bind a backend: what xenbus calls "vbd-DOMID-DEVID".
back_dev() { echo "vbd-$(basename "$(dirname "$(disk_backend "$1" "$2")")")-$(disk_devid "$2")"; }

# rebind DEVICE: of the backend's driver, by hand.
rebind() {
	echo "$1" >$BACK_DRIVER/unbind && sleep 0.5 && echo "$1" >$BACK_DRIVER/bind
}

# back_reload DEVICE SECONDS: the backend's module is replaced, so long without any.
back_reload() {
	local dev=$1
	echo "$dev" >$BACK_DRIVER/unbind || return 1
	sleep "$2"
	rmmod xen_blkback && insmod "$MODULES_DIR"/xen-blkback.ko
}

# switch_front ours|intree: the frontend of guest g1, which may have xvdb. xenbus holds
# a module as long as it drives a device.
switch_front() {
	guest_run g1 "grep -q ^xen_blkfront /proc/modules || exit 0
		echo vbd-$(disk_devid xvdb) >$FRONT_DRIVER/unbind" &&
		frontend_use g1 blkfront "$1"
}

# ask_to_detach GUEST|0 VDEV: the toolstack's first step.
ask_to_detach() {
	xenstore-write "$(disk_backend "$1" "$2")/online" 0 "$(disk_backend "$1" "$2")/state" 5
}

# fio_job DEVICE SECONDS [OPTION...]: the command of a job that reads back and
# verifies all that it writes; it fails on any error and any wrong byte. 128 is
# how fio says that it was told to stop, without one.
fio_job() {
	local dev=$1 seconds=$2
	shift 2
	echo "fio --name=v --filename=$dev --rw=randrw --bs=4k --size=16m" \
		"--ioengine=libaio --iodepth=16 --direct=1 --thread" \
		"--time_based --runtime=$seconds --verify=crc32c" \
		"--verify_backlog=32 --verify_fatal=1 $*;" \
		"status=\$?; [ \$status = 128 ] || (exit \$status)"
}

# io_start DEVICE [GUEST]: such a job, until told to stop.
# io_end [GUEST]: tells it, its verdict.
# io_ended, io_failed: whether it is so, of dom0's job. By file: check's commands
# are not the shell that the job is a child of.
io_start() {
	if [ -n "${2:-}" ]; then
		guest_start_bg "$2" fio "$(fio_job "$1" 3600)"
		return
	fi
	rm -f /tmp/fio.status
	{
		eval "$(fio_job "$1" 3600)" >/tmp/fio.log 2>&1
		echo $? >/tmp/fio.status
	} &
}

io_ended() { [ -s /tmp/fio.status ]; }
io_failed() { io_ended && [ "$(cat /tmp/fio.status)" != 0 ]; }
io_end() {
	if [ -n "${1:-}" ]; then
		guest_run "$1" 'pkill -TERM -x fio'
		guest_wait_bg "$1" fio
		return
	fi
	pkill -TERM -x fio
	wait_until 30 io_ended || return 1
	io_failed || return 0
	tail -n 15 /tmp/fio.log
	return 1
}

# sectors_written DEVICE [GUEST]: so far, of /sys/block. Reads would not do: udev
# reads a new disk, maybe while fio is still to open it.
sectors_written() {
	local cmd="awk '{ print \$7 }' /sys/block/${1##*/}/stat"
	if [ -n "${2:-}" ]; then guest_run "$2" "$cmd"; else eval "$cmd"; fi
}

# io_moves DEVICE [GUEST]: whether fio's writes get done soon.
io_moves() {
	local before i
	before=$(sectors_written "$@")
	for ((i = 0; i < 75 * TIME_FACTOR; i++)); do
		sleep 0.2
		[ "$(sectors_written "$@")" -gt "$before" ] && return 0
	done
	echo "no I/O on $1 for $((15 * TIME_FACTOR)) s"
	return 1
}

# threads_left: how many threads of blkback there are.
threads_left() { pgrep -c '^[0-9]+\.xvd'; }

# no_backends: whether the kernel has none for disks.
no_backends() {
	local dev
	for dev in /sys/bus/xen-backend/devices/vbd-*; do
		[ ! -e "$dev" ] || return 1
	done
}

# no_devices ID: whether neither end of that disk of dom0's own is left.
no_devices() { ! [ -e "/sys/devices/vbd-$1" ] && ! [ -e "/sys/devices/vbd-0-$1" ]; }

# without_udev CMD...: udevd looks into each new disk, for seconds of processor
# time, and may have it open when it is to go. It finishes what it is at before
# it exits; a second one beside it would take over its socket.
no_udevd() { ! pgrep -x systemd-udevd >/dev/null; }
without_udev() {
	local status
	udevadm control --exit
	wait_until 20 no_udevd || pkill -KILL -x systemd-udevd
	"$@"
	status=$?
	/lib/systemd/systemd-udevd --daemon >/dev/null 2>&1 </dev/null
	return $status
}

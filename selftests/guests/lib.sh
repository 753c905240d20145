# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# What the tests of guests share: to be sourced, no test of its own. A guest here
# has a disk and a network card, both through our drivers on both sides.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "${BASH_SOURCE[0]}")/../net/pair.sh"

# guests_setup: both backends, the bridge, data to send.
guests_setup() {
	need_built blkback netback blkfront netfront
	need backend_use blkback "$BACK"
	need backend_use netback "$BACK"
	need bridge_create
	need data_create "$(by_tier 4 1)"
}

# guest_with_both NAME VDEV KEY=VALUE...: a guest with the disk NAME (64 MiB, kept
# from its predecessor of the same name) as VDEV and a card on the bridge.
guest_with_both() {
	local name=$1 vdev=$2
	shift 2
	[ -e "$DISKS_DIR/$name" ] || disk_create "$name" size=64 || return 1
	guest_create "$name" disk="phy:$(disk_dev "$name"),$vdev,w" vif="$GUEST_VIF" "$@"
}

# module_of GUEST PATH: the module file's name and version that drive a device.
module_of() {
	guest_run "$1" "m=\$(readlink -f $2/device/driver/module) &&
		echo \"\${m##*/} \$(cat \$m/version)\""
}

# ours_in_place GUEST VDEV: disk and card are driven by our modules.
ours_in_place() {
	local version
	version=$(modinfo -F version "$MODULES_DIR/xen-blkfront.ko")
	is "$1: the disk's driver is ours" "$(module_of "$1" "/sys/block/$2")" \
		"xen_blkfront $version"
	is "$1: the card's driver is ours" "$(module_of "$1" /sys/class/net/eth0)" \
		"xen_netfront $version"
}

# verify_start GUEST VDEV SECONDS: writes and verifies for as long, in the
# background; verify_end GUEST gives fio's output and status.
verify_start() {
	guest_start_bg "$1" verify "cd /tmp && exec fio --name=verify --filename=/dev/$2 \
		--ioengine=libaio --direct=1 --rw=randwrite --bsrange=512-128k --iodepth=16 \
		--size=32m --verify=crc32c --verify_fatal=1 --do_verify=1 --randseed=7 \
		--time_based --runtime=$3 --output-format=terse --terse-version=3"
}
verify_end() { GUEST_TIMEOUT=${VERIFY_SECONDS:-240} guest_wait_bg "$1" verify; }

# same_contents GUEST VDEV NAME: the disk as the guest reads it is as dom0 does.
same_contents() {
	local here there
	here=$(dd if="$(disk_dev "$3")" bs=1M iflag=direct status=none | sha256sum)
	there=$(guest_run "$1" "dd if=/dev/$2 bs=1M iflag=direct status=none | sha256sum")
	is "$1: the disk is the same in the guest and in dom0" "$there" "$here"
}

# io_works GUEST VDEV NAME: verified writes, the contents, TCP both ways.
io_works() {
	need guest_net "$1"
	check "$1: writes are verified" verify_pass "$1" "$2"
	same_contents "$1" "$2" "$3"
	check "$1: TCP both ways" tcp_both_ways "$1" 4
}
verify_pass() {
	guest_run "$1" "cd /tmp && fio --name=verify --filename=/dev/$2 --ioengine=libaio \
		--direct=1 --rw=randwrite --bsrange=512-128k --iodepth=16 --size=16m \
		--verify=crc32c --verify_fatal=1 --do_verify=1 --randseed=7"
}

# load_start GUEST VDEV: verified writes and TCP both ways, for a while; load_end
# GUEST VDEV: they were right, all still works, and the guest goes.
load_start() {
	need guest_net "$1"
	need verify_start "$1" "$2" $((25 * TIME_FACTOR))
	need streams_start "$1" 4 $((20 * TIME_FACTOR))
}
load_end() {
	check "$1: TCP both ways meanwhile" streams_end "$1"
	check "$1: writes meanwhile are verified" verify_end "$1"
	io_works "$1" "$2" "$1"
	need guest_destroy "$1"
}

# online GUEST COUNT: so many, numbered from 0. Its kernel takes a processor away
# by itself; bringing one in is left to user space, which udev does elsewhere.
online() {
	timeout $((30 * TIME_FACTOR)) xl vcpu-set --ignore-host "$1" "$2" || return 1
	guest_run "$1" "for ((i = 0; i < $((100 * TIME_FACTOR)); i++)); do
			for cpu in /sys/devices/system/cpu/cpu[1-9]; do
				n=\${cpu##*cpu}
				[ \$n -ge $2 ] || echo 1 >\$cpu/online
			done 2>/dev/null
			[ \$(grep -c ^processor /proc/cpuinfo) = $2 ] && exit 0
			sleep 0.1
		done
		echo it has \$(grep -c ^processor /proc/cpuinfo)
		exit 1"
}

# memory GUEST MIB: until the guest's balloon driver is within 2 MiB of it.
memory() {
	timeout $((30 * TIME_FACTOR)) xl mem-set "$1" "$2" || return 1
	guest_run "$1" "for ((i = 0; i < $((300 * TIME_FACTOR)); i++)); do
			kb=\$(cat /sys/devices/system/xen_memory/xen_memory0/info/current_kb)
			[ \$((kb - $2 * 1024)) -gt -2048 ] && [ \$((kb - $2 * 1024)) -lt 2048 ] && exit 0
			sleep 0.1
		done
		echo it has \$kb KiB
		exit 1"
}

# emulated GUEST: what the kernel finds of the emulated devices, once it has drivers for
# them: a module's load ends when its devices have been looked for.
emulated() {
	guest_run "$1" 'modprobe -a sd_mod ata_piix 8139cp
		cat /sys/bus/pci/devices/*/class | grep -c ^0x0200
		ls /sys/block | grep -c ^sd'
}

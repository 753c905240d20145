# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Disks in dom0, and attaching them with xl and Xen's stock block script.

DISKS_DIR=/run/xenpv/disks

# disk_create NAME [kind=file|ram|null] [size=MiB] [KEY=VALUE...]: makes a disk;
# disk_dev NAME then prints its device.
#   file   a sparse file in memory behind a loop device
#   ram    the same speed class without loop: a null_blk that keeps its data
#   null   a null_blk without data: for speed; more of its configfs
#          attributes may follow as KEY=VALUE
disk_create() {
	local name=$1 kind=file size=64 word file dev
	local -a extra=()
	shift
	for word; do
		case $word in
		kind=*) kind=${word#*=} ;;
		size=*) size=${word#*=} ;;
		*=*) extra+=("$word") ;;
		*) echo "disk_create $name: unknown word '$word'" >&2; return 2 ;;
		esac
	done
	mkdir -p $DISKS_DIR
	if [ -e "$DISKS_DIR/$name" ]; then
		echo "disk_create: there is already a disk '$name'" >&2
		return 2
	fi
	case $kind in
	file)
		file=$DISKS_DIR/$name.img
		truncate -s "${size}M" "$file" && dev=$(losetup -f --show "$file") || return 1 ;;
	ram) dev=$(_null_blk "$name" "$size" memory_backed=1 "${extra[@]}") || return 1 ;;
	null) dev=$(_null_blk "$name" "$size" "${extra[@]}") || return 1 ;;
	*)
		echo "disk_create $name: kind '$kind' is not file, ram or null" >&2
		return 2 ;;
	esac
	echo "$dev" >"$DISKS_DIR/$name"
}

_null_blk() {
	local dir=/sys/kernel/config/nullb/nullb-$1 size=$2 word dev
	shift 2
	modprobe null_blk nr_devices=0
	mkdir "$dir" || return 1
	for word in size="$size" irqmode=0 "$@"; do
		echo "${word#*=}" >"$dir/${word%%=*}" || {
			rmdir "$dir"
			return 1
		}
	done
	echo 1 >"$dir/power" || return 1
	# Linux 6.0 and later name it after the folder, earlier ones by number.
	for dev in "/dev/${dir##*/}" "/dev/nullb$(cat "$dir/index")"; do
		[ ! -b "$dev" ] || { echo "$dev"; return; }
	done
	return 1
}

# disk_dev NAME: the disk's device in dom0. disk_file NAME: its file.
disk_dev() { cat "$DISKS_DIR/$1"; }
disk_file() { echo "$DISKS_DIR/$1.img"; }

# disk_resize NAME MiB: of kind file.
disk_resize() {
	truncate -s "$2M" "$DISKS_DIR/$1.img" && losetup -c "$(disk_dev "$1")"
}

disk_remove() {
	local dev
	dev=$(disk_dev "$1") || return 1
	case $dev in
	/dev/loop*) losetup -d "$dev" && rm -f "$DISKS_DIR/$1.img" ;;
	/dev/nullb*) echo 0 >"/sys/kernel/config/nullb/nullb-$1/power" &&
		rmdir "/sys/kernel/config/nullb/nullb-$1" ;;
	esac && rm -f "$DISKS_DIR/$1"
}

# All disks that a test has left.
disk_remove_all() {
	local disk
	for disk in "$DISKS_DIR"/*; do
		case $disk in
		*.img | "$DISKS_DIR/*") ;;
		*) disk_remove "$(basename "$disk")" ;;
		esac
	done
}

# disk_attach GUEST|0 DISK|DEVICE|SPEC VDEV [MODE]: by xl block-attach. GUEST 0
# is dom0 itself. DISK is a name of disk_create, DEVICE a path (phy:), SPEC is
# taken as xl takes it up to ",VDEV,MODE" (file:/..., phy:/...). Waits until the
# device is there, except for a guest without a frontend (nowait after MODE).
disk_attach() {
	local guest=$1 what=$2 vdev=$3 mode=${4:-w}
	case $what in
	*:*) ;;
	/*) what=phy:$what ;;
	*) what=phy:$(disk_dev "$what") || return 1 ;;
	esac
	spec=$what,$vdev,$mode
	if ! deep && [[ $what == phy:* ]]; then
		spec="vdev=$vdev,access=$mode,script=block-plain,target=${what#phy:}"
	fi
	timeout $((60 * TIME_FACTOR)) xl block-attach "$guest" "$spec" || {
		echo "xl block-attach $guest $spec failed" >&2
		return 1
	}
	[ "${5:-}" = nowait ] || disk_wait "$guest" "$vdev"
}

# disk_wait GUEST|0 VDEV: until /dev/VDEV is there and has a size.
disk_wait() {
	local test tries=$((200 * TIME_FACTOR))
	test="for ((i = 0; i < $tries; i++)); do
		[ -b /dev/$2 ] && [ \"\$(blockdev --getsize64 /dev/$2)\" -gt 0 ] && exit 0
		sleep 0.1
	done
	echo no /dev/$2 within $((20 * TIME_FACTOR)) s
	exit 1"
	if [ "$1" = 0 ]; then
		bash -c "$test"
	else
		guest_run "$1" "$test"
	fi 2>&1
}

# disk_detach GUEST|0 VDEV [--force]: and waits until the backend is gone.
disk_detach() {
	local guest=$1 vdev=$2 path
	shift 2
	path=$(disk_backend "$guest" "$vdev") || return 1
	# udev reads a disk that has been written to. The kernel's frontend, if it closes
	# in that moment, waits for such a read for ever, and with it dom0's xenwatch.
	[ "$guest" != 0 ] || udevadm settle --timeout=$((10 * TIME_FACTOR))
	timeout $((60 * TIME_FACTOR)) xl block-detach "$guest" "$vdev" "$@" || return 1
	wait_until 20 _xenstore_gone "$path"
}
_xenstore_gone() { ! xenstore-exists "$1"; }

# disk_devid VDEV: the number that xenstore knows the device by.
disk_devid() {
	local letter minor
	case $1 in
	xvd?) ;;
	*) echo "disk_devid: '$1' is not xvdX" >&2; return 2 ;;
	esac
	printf -v letter %d "'${1:3:1}"
	minor=$(((letter - 97) * 16))
	if [ $minor -lt 256 ]; then
		echo $((202 * 256 + minor))
	else
		echo $(((1 << 28) + (letter - 97) * 256))
	fi
}

# disk_backend GUEST|0 VDEV: the backend's directory in xenstore.
# disk_frontend GUEST|0 VDEV: the frontend's.
disk_backend() {
	local domid=$1
	[ "$1" = 0 ] || domid=$(guest_domid "$1") || { echo "no guest '$1'" >&2; return 1; }
	echo "/local/domain/0/backend/vbd/$domid/$(disk_devid "$2")"
}

disk_frontend() {
	local domid=$1
	[ "$1" = 0 ] || domid=$(guest_domid "$1") || { echo "no guest '$1'" >&2; return 1; }
	echo "/local/domain/$domid/device/vbd/$(disk_devid "$2")"
}

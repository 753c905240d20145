# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Guests. Commands reach them through xenstore, so that they need neither disk
# nor network and keep working across xl save and xl restore.

GUESTS_DIR=/run/xenpv/guests
# Seconds for one guest_run, unless GUEST_TIMEOUT says else.
GUEST_RUN_SECONDS=120
GUEST_BOOT_SECONDS=120
# As dom0's, see machine.py.
GUEST_ARGS='net.ifnames=0 mitigations=off cryptomgr.notests=1 audit=0 apparmor=0'
GUEST_ARGS+=' rcupdate.rcu_cpu_stall_timeout=90 watchdog_thresh=40'

HVM_BOOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)/hvm-boot.py
BOOT_DIR=/run/xenpv/boot
HVM_READY=/run/xenpv/hvm-ready

# The guests' kernel and base image: in dom0's own root or on its disk, a tar.
_guest_boot_files() {
	[ -e $BOOT_DIR/guest.cpio ] && return 0
	if [ -e /boot/guest.cpio ]; then
		ln -sfn /boot $BOOT_DIR
		return
	fi
	mkdir -p $BOOT_DIR.tmp
	dd if=/dev/vda bs=4M iflag=direct status=none | tar -C $BOOT_DIR.tmp -xf - &&
		mv $BOOT_DIR.tmp $BOOT_DIR
}

# guest_qemu_files: QEMU, its firmware and a bzImage for HVM guests, from dom0's
# second disk, unless they are there.
guest_qemu_files() {
	[ -e $HVM_READY ] && return 0
	if [ ! -b /dev/vdb ]; then
		echo "HVM guests: this lab has no disk with QEMU on it (it was booted with --icount?)" >&2
		return 1
	fi
	# What dom0 has already may be in use.
	dd if=/dev/vdb bs=4M iflag=direct status=none | tar -C / --skip-old-files -xf - &&
		modprobe tun && : >$HVM_READY
}

# The guests' initramfs: the base image and an overlay with our modules.
_guest_ramdisk() {
	local key dir=/run/xenpv/ramdisk
	key=$(stat -c '%n %Y %s' "$MODULES_DIR"/* $BOOT_DIR/guest.cpio 2>/dev/null | md5sum | cut -c1-12)
	if [ ! -e "$dir/$key.cpio" ]; then
		rm -rf $dir
		mkdir -p $dir/tree/xenpv/modules
		cp "$MODULES_DIR"/*.ko $dir/tree/xenpv/modules/ 2>/dev/null
		{
			cat $BOOT_DIR/guest.cpio
			(cd $dir/tree && find xenpv | cpio -o -H newc --quiet)
		} >"$dir/$key.tmp" && mv "$dir/$key.tmp" "$dir/$key.cpio"
		rm -rf $dir/tree
	fi
	echo "$dir/$key.cpio"
}

# Nobody looks at its screen; the console is Xen's, as in the other guests.
HVM_CFG='vga = "none"
vnc = 0
'

# guest_create NAME [KEY=VALUE...]: creates a guest and waits for its agent.
#   type=pv|pvh|hvm    (default $GUEST_TYPE or pv). An hvm guest has emulated
#                      devices too: an IDE disk for each disk= with a VDEV of
#                      hda to hdd, a network card for each vif=
#   vcpus=1 maxvcpus=VCPUS
#   mem=512 maxmem=MEM (MiB)
#   front=ours|intree|none   both frontends (default $FRONT or ours)
#   frontblk= frontnet=      one of them
#   disk=SPEC          an xl disk line; may be repeated
#   vif=SPEC           an xl vif line; may be repeated
#   kernel=FILE ramdisk=FILE  of dom0, instead of the lab's own
#   args='...'         more kernel arguments
#   cfg='...'          a line for the xl configuration; may be repeated
#   on_crash=destroy   on_reboot=destroy
#   wait=1|0           0: do not wait for the agent
#   paused=0|1         1: leave it paused (implies wait=0)
guest_create() {
	local name=$1 word key value
	local type=${GUEST_TYPE:-pv} vcpus=1 maxvcpus='' mem=512 maxmem='' kernel='' ramdisk=''
	local front=${FRONT:-ours} frontblk='' frontnet=''
	local boot args='' on_crash=destroy on_reboot=destroy wait=1 paused=0 disks='' vifs='' cfg=''
	shift
	for word; do
		key=${word%%=*} value=${word#*=}
		case $key in
		type | vcpus | maxvcpus | mem | maxmem | kernel | ramdisk | front | frontblk | \
			frontnet | args | on_crash | on_reboot | wait | paused)
			local "$key=$value" ;;
		disk) disks+="'$value', " ;;
		vif) vifs+="'$value', " ;;
		cfg) cfg+="$value"$'\n' ;;
		*)
			echo "guest_create $name: unknown word '$word'" >&2
			return 2 ;;
		esac
	done
	mkdir -p $GUESTS_DIR
	_guest_boot_files || return 1
	case $type in
	pv | pvh) kernel=${kernel:-$BOOT_DIR/vmlinux} ;;
	hvm)
		guest_qemu_files || return 1
		kernel=${kernel:-/boot/vmlinuz} ;;
	*)
		echo "guest_create $name: type '$type' is not pv, pvh or hvm" >&2
		return 2 ;;
	esac
	ramdisk=${ramdisk:-$(_guest_ramdisk)}
	if [ "$type" = hvm ]; then
		mkdir -p "$GUESTS_DIR/$name"
		boot=$(python3 "$HVM_BOOT" "$kernel" "$ramdisk" "$GUESTS_DIR/$name") || return 1
		cfg+=$HVM_CFG
	else
		boot="kernel = \"$kernel\""$'\n'"ramdisk = \"$ramdisk\""
	fi
	# Without tsc_mode Xen intercepts rdtsc under TCG, and once in some hundred
	# guest minutes a PVH guest triple-faulted right behind one.
	cat >"$GUESTS_DIR/$name.cfg" <<-EOF
		name = "$name"
		type = "$type"
		tsc_mode = "native"
		vcpus = $vcpus
		maxvcpus = ${maxvcpus:-$vcpus}
		memory = $mem
		maxmem = ${maxmem:-$mem}
		$boot
		extra = "console=hvc0 $GUEST_ARGS hostname=$name front=${frontblk:-$front} frontnet=${frontnet:-$front} $args"
		on_crash = "$on_crash"
		on_reboot = "$on_reboot"
		disk = [ $disks ]
		vif = [ $vifs ]
		$cfg
	EOF
	local option=-q
	[ "$paused" = 0 ] || option=-qp
	timeout $((120 * TIME_FACTOR)) xl create $option "$GUESTS_DIR/$name.cfg" || {
		echo "guest_create $name: xl create failed" >&2
		return 1
	}
	if [ "$wait" = 0 ] || [ "$paused" = 1 ]; then
		return 0
	fi
	guest_wait "$name" && _guest_fronts_check "$name" "${frontblk:-$front}" "${frontnet:-$front}"
}

# Whether the frontends that were asked for are there. One of ours that is not
# built is no reason to fail a test that never asked for it by name.
_guest_fronts_check() {
	local files=''
	[ "$2" = none ] || { [ "$2" = ours ] && ! driver_built blkfront; } || files+=' /sys/module/xen_blkfront'
	[ "$3" = none ] || { [ "$3" = ours ] && ! driver_built netfront; } || files+=' /sys/module/xen_netfront'
	[ -n "$files" ] || return 0
	guest_run "$1" "ls -d $files >/dev/null" || {
		echo "guest $1: a frontend is not loaded; its console ends with:" >&2
		guest_console "$1" | tail -n 15 >&2
		return 1
	}
}

# guest_wait NAME: until the guest's agent answers.
guest_wait() {
	guestctl -t $((GUEST_BOOT_SECONDS * TIME_FACTOR)) ping "$1" || {
		echo "guest $1 did not come up; its console ends with:" >&2
		guest_console "$1" | tail -n 25 >&2
		return 1
	}
}

# guest_run NAME CMD: runs CMD (bash) in the guest; its output and exit status.
# 124: time-out (GUEST_TIMEOUT=SECONDS before the call), 125: the guest is gone.
guest_run() {
	guestctl -t $((${GUEST_TIMEOUT:-$GUEST_RUN_SECONDS} * TIME_FACTOR)) run "$1" "$2"
}

# guest_start_bg NAME JOB CMD: starts CMD in the guest as JOB and returns.
guest_start_bg() { guestctl -t $((60 * TIME_FACTOR)) start "$1" "$2" "$3"; }

# guest_wait_bg NAME JOB: waits for JOB; its output and exit status.
guest_wait_bg() { guestctl -t $((${GUEST_TIMEOUT:-$GUEST_RUN_SECONDS} * TIME_FACTOR)) wait "$1" "$2"; }

# guest_running_bg NAME JOB: whether JOB still runs.
guest_running_bg() { [ "$(guestctl -t $((60 * TIME_FACTOR)) poll "$1" "$2")" = running ]; }

# guest_kill_bg NAME JOB [SIGNAL]: signals JOB's whole session.
guest_kill_bg() { guestctl -t $((60 * TIME_FACTOR)) kill "$1" "$2" "${3:-15}"; }

# guest_push NAME FILE [PATH]: copies FILE (of dom0) into the guest.
guest_push() { guestctl -t $((120 * TIME_FACTOR)) push "$1" "$2" "${3:-/tmp/$(basename "$2")}"; }

# guest_console NAME: everything the guest has printed on its console.
guest_console() { tr -d '\r' <"/var/log/xen/console/guest-$1.log"; }

guest_domid() { xl domid "$1" 2>/dev/null; }
guest_exists() { xl domid "$1" >/dev/null 2>&1; }

# guest_destroy NAME: at once, like a power cut.
guest_destroy() {
	timeout $((60 * TIME_FACTOR)) xl destroy "$1" && wait_until 20 _domain_gone "$1"
}
_domain_gone() { ! guest_exists "$1"; }

# guest_save NAME FILE / guest_restore NAME FILE. Commands that run in the guest
# go on; guestctl waits for the restore as long as the marker stands.
guest_save() {
	touch "/run/xenpv/saving-$1"
	timeout $((120 * TIME_FACTOR)) xl save "$1" "$2" >/dev/null || {
		rm -f "/run/xenpv/saving-$1"
		return 1
	}
}

guest_restore() {
	timeout $((120 * TIME_FACTOR)) xl restore "$2" >/dev/null && guestctl -t $((60 * TIME_FACTOR)) ping "$1"
	local status=$?
	rm -f "/run/xenpv/saving-$1"
	return $status
}

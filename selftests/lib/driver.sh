# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Which of our and the kernel's drivers are loaded, in dom0 and in guests.

MODULES_DIR=/xenpv/modules

# driver_built DRIVER: whether our DRIVER (blkfront, ...) was built and pushed.
driver_built() { [ -e "$MODULES_DIR/xenpv-common.ko" ] && [ -e "$MODULES_DIR/xen-$1.ko" ]; }

# driver_loaded DRIVER: whether dom0 has a DRIVER loaded, ours or not.
driver_loaded() { [ -e "/sys/module/xen_$1" ]; }

# backend_use blkback|netback ours|intree|none [PARAMETER=VALUE...]: in dom0.
backend_use() { xenpv-driver "$@"; }

# frontend_use GUEST|0 blkfront|netfront ours|intree|none [PARAMETER=VALUE...]
# Not for a PVH dom0: where its backend maps a page, Xen takes that from its frontend.
frontend_use() {
	local guest=$1
	shift
	if [ "$guest" = 0 ] && [ "$(cat /sys/hypervisor/guest_type)" = PVH ]; then
		echo "a PVH dom0 cannot be its own frontend: run tests that have a guest" >&2
		return 1
	elif [ "$guest" = 0 ]; then
		xenpv-driver "$@"
	else
		guest_run "$guest" "xenpv-driver $*"
	fi
}

# need_built DRIVER...: skips the whole test where one of ours is not built.
need_built() {
	local driver
	for driver; do
		driver_built "$driver" || bail "xen-$driver.ko is not built (make modules, lab push)"
	done
}

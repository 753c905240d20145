#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every supported kernel compiles the modules without a warning, in TAP:
# kernels.sh [KERNEL...]. Runs compile.sh (W=1, sparse, the modules' information)
# in a chroot of the suite that has the kernel, with that suite's compiler.
#
# Seen failing: with `has BDEV_FILE` taken out of probe.sh, 7.3.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/tap.sh
. "$here/../tap.sh"

if [ $# -eq 0 ]; then
	mapfile -t kernels < <("$here/chroot.sh" list)
	set -- "${kernels[@]}"
fi
for kernel in "$@"; do
	tap_relay "$kernel" < <("$here/chroot.sh" run "$kernel" nice -n 10 \
		/xenpv/selftests/build/compile.sh 2>&1)
done
tap_end

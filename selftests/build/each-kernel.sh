#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# One of this folder's tests for every supported kernel, in TAP:
# each-kernel.sh SCRIPT [KERNEL...]. SCRIPT, which is compile.sh (W=1, sparse, the
# modules' information), dkms-inside.sh (the package) or rpm-inside.sh (the RPM),
# runs in a chroot of the suite that has the kernel, with that suite's compiler.
#
# Seen failing: with `has BDEV_FILE` taken out of probe.sh, compile.sh for 7.3.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"

script=${1-}
if [ -z "$script" ] || [ ! -x "$here/$script" ]; then
	echo "each-kernel.sh: no script '$script' in $here" >&2
	exit 2
fi
shift

if [ $# -eq 0 ]; then
	mapfile -t kernels < <("$here/chroot.sh" list)
	set -- "${kernels[@]}"
fi
for kernel in "$@"; do
	relay "$kernel, " "$here/chroot.sh" run "$kernel" nice -n 10 \
		"/xenpv/selftests/build/$script"
done

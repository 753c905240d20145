#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package and make dkms-install in a Debian with its own dkms and kernel, in
# TAP: dkms.sh [KERNEL...], all of selftests/kernels.txt without one.
# What is tried is in dkms-inside.sh, which runs in the chroot.
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
		/xenpv/selftests/build/dkms-inside.sh 2>&1)
done
tap_end

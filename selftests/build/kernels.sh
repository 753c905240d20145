#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every supported kernel compiles the modules without a warning, in TAP:
# kernels.sh [KERNEL...]. Runs compile.sh (W=1, sparse, the modules' information)
# in a chroot of the suite that has the kernel, with that suite's compiler.
#
# Seen failing: with `has BDEV_FILE` taken out of probe.sh, 6.12 and 7.3.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/tap.sh
. "$here/../tap.sh"

# one KERNEL: compile.sh's results under the kernel's name.
one()
{
	local kernel=$1 line name='' found='' ran=0

	while IFS= read -r line; do
		if [[ $line =~ ^(not )?ok\ [0-9]+\ -\ (.*) ]]; then
			finish
			name="$kernel, ${BASH_REMATCH[2]}"
			found=${BASH_REMATCH[1]:+failed}
			ran=$((ran + 1))
		elif [[ $line == '# '* ]]; then
			found+=$'\n'${line#\# }
		elif [[ $line != 1..* ]]; then
			echo "# $line"
		fi
	done < <("$here/chroot.sh" run "$kernel" nice -n 10 \
		/xenpv/selftests/build/compile.sh 2>&1)
	finish
	if [ $ran -eq 0 ]; then
		tap_none "$kernel, compile.sh" "ran no test"
	fi
}

# The test whose lines have ended.
finish()
{
	if [ -n "$name" ]; then
		if [[ $name == *' # SKIP '* ]]; then
			tap_skip "${name%% # SKIP *}" "${name#* # SKIP }"
		else
			tap_none "$name" "${found#failed$'\n'}"
		fi
	fi
}

if [ $# -eq 0 ]; then
	mapfile -t kernels < <("$here/chroot.sh" list)
	set -- "${kernels[@]}"
fi
for kernel in "$@"; do
	one "$kernel"
done
tap_end

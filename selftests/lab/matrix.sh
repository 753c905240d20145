#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds and boots every supported pair of Xen and kernel, runs a short list of
# tests in each and prints a table: matrix.sh [TEST...]. The logs are in
# build/matrix. One pair: XEN=4.20 KERNEL=6.12 matrix.sh.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit 1
lab=selftests/lab/lab
logs=build/matrix
tests=("$@")
# dom0 as its own frontend boots no guest; the other boots one, with a card.
wanted="lifecycle/dom0-front blk/rw net/tcp"
failed=0

# What is there of the short list: a test that is not executable is not done.
if [ ${#tests[@]} -eq 0 ]; then
	mapfile -t tests < <($lab tests | grep -xF "$(tr ' ' '\n' <<<"$wanted")")
fi
mkdir -p $logs
export XENPV_LAB=${XENPV_LAB:-matrix}

# one XEN KERNEL: prints what came of it.
one()
{
	local log=$logs/$1-$2.log start=$SECONDS result

	if ! XEN=$1 KERNEL=$2 make lab-modules >"$log" 2>&1; then
		result="does not build"
	else
		XEN=$1 KERNEL=$2 $lab run "${tests[@]}" >>"$log" 2>&1 || failed=1
		result=$(tail -n 1 "$log")
	fi
	[[ $result =~ ^[0-9]+\ passed,\ 0\ failed ]] || failed=1
	printf '%-6s %-7s %5d s  %s\n' "$1" "$2" $((SECONDS - start)) "$result"
}

printf '# %s\n%-6s %-7s %7s  %s\n' "${tests[*]}" Xen Linux time result
for xen in ${XEN:-4.17 4.20}; do
	for kernel in ${KERNEL:-$(selftests/build/chroot.sh list)}; do
		one "$xen" "$kernel"
	done
done
exit $failed

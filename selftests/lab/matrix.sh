#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds and boots every supported pair of Xen and kernel (or XEN's, KERNEL's) and runs a
# short list of tests, or those named, in each: matrix.sh [TEST...]. TAP.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"

tests=("$@")
# dom0 as its own frontend boots no guest; the others boot one, with a disk, with a card.
if [ ${#tests[@]} -eq 0 ]; then
	tests=(lifecycle/dom0-front blk/rw net/tcp)
fi
export XENPV_LAB=${XENPV_LAB:-matrix}
for xen in ${XEN:-4.17 4.20}; do
	for kernel in ${KERNEL:-$("$here/../build/chroot.sh" list)}; do
		XEN=$xen KERNEL=$kernel relay "Xen $xen, Linux $kernel: " \
			"$here/../check" run "${tests[@]}"
	done
done

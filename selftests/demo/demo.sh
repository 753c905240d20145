#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make demo: a guest's disk and network card on real Xen through our own drivers,
# shown with real output. Ends with "demo: OK" or "demo: FAILED: what", and a status to match.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
lab=selftests/lab/lab
# A lab of its own: one that somebody keeps alive is left alone.
export XENPV_LAB=${XENPV_LAB:-demo}

# The verdict comes last.
failed()
{
	"$lab" stop >/dev/null 2>&1
	echo "demo: FAILED: $*"
	exit 1
}

[ $# -eq 0 ] || failed "it takes no argument, not '$1'"
[ "$(id -u)" -eq 0 ] || failed "building the lab's images needs root: sudo make demo"

make --no-print-directory lab-modules || failed "the set-up or the build of the modules"
trap '"$lab" stop >/dev/null 2>&1' INT TERM
"$lab" boot || failed "booting Xen"
if ! "$lab" shell bash -s <"$here/in-dom0.sh"; then
	what=$("$lab" shell cat /run/xenpv/demo.failed 2>/dev/null)
	failed "${what:-no answer from dom0}"
fi
"$lab" stop
echo "demo: OK"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmarks' own logic, without a lab, in TAP: statistics, parsing, plan and
# table (selftests/bench/benchlib/test_bench.py), and what bad values get.
#
# Would fail (not tried): see that file; and with the check for the value taken out.
# tier: short
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/tap.sh
. "$here/../tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1
unset MAKEFLAGS MAKELEVEL

unit_tests()
{
	PYTHONPATH=selftests/bench:selftests/lab PYTHONDONTWRITEBYTECODE=1 \
		python3 -m unittest -q benchlib.test_bench 2>&1 | grep -v -e '^-*$' -e '^Ran ' -e '^OK$'
}

tap_none "bench: unit tests" "$(unit_tests)"
tap_says "bench: lists its jobs" 0 blk.null.randread.4k.d32.j1.n1 selftests/bench/bench jobs
tap_says "bench: a job that is none" 1 "JOBS: no job matches 'nothing'" \
	selftests/bench/bench run JOBS=nothing
tap_says "bench: a number that is none" 1 "ROUNDS: '0' is not a number" \
	selftests/bench/bench run ROUNDS=0
tap_says "bench: a comparison without a revision" 1 "B=: which revision?" \
	selftests/bench/bench compare A=HEAD
tap_says "bench: a revision that is none" 1 "A: git knows no revision 'nothing'" \
	selftests/bench/bench compare A=nothing B=HEAD
tap_end

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmarks' own logic, without a lab, in TAP: statistics, parsing, plan and
# table (selftests/bench/benchmarks/test_bench.py), what runs in dom0 (selftests/bench/
# benchdom0/test_benchdom0.py), and what bad values get.
#
# Would fail (not tried): see those files; and with the check for the value taken out.
# tier: short
# timeout: 60
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1
unset MAKEFLAGS MAKELEVEL

unit_tests()
{
	PYTHONPATH=selftests/bench:selftests/lab PYTHONDONTWRITEBYTECODE=1 \
		python3 -m unittest -q "$1" 2>&1 | grep -v -e '^-*$' -e '^Ran ' -e '^OK$'
}

# in_dom0 WORD...: what the package that runs in dom0 says, here.
in_dom0()
{
	PYTHONPATH=selftests/bench PYTHONDONTWRITEBYTECODE=1 python3 -m benchdom0 "$@"
}

is_empty "bench: unit tests" "$(unit_tests benchmarks.test_bench)"
is_empty "bench: unit tests of what runs in dom0" "$(unit_tests benchdom0.test_benchdom0)"
says "bench: lists its jobs" 0 blk.null.randread.4k.d32.j1.n1 selftests/bench/bench jobs
says "bench: a job that is none" 1 "JOBS: no job matches 'nothing'" \
	selftests/bench/bench run JOBS=nothing
says "bench: a number that is none" 1 "ROUNDS: '0' is not a number" \
	selftests/bench/bench run ROUNDS=0
says "bench: a comparison without a revision" 1 "B=: which revision?" \
	selftests/bench/bench compare A=HEAD
says "bench: a revision that is none" 1 "A: git knows no revision 'nothing'" \
	selftests/bench/bench compare A=nothing B=HEAD
says "bench: in dom0, a function that is none" 1 "there is no function 'nothing'" in_dom0 nothing
says "bench: in dom0, an argument that is none" 1 "WAY: 'up' is not to or from" \
	in_dom0 tcp up 1 1 1

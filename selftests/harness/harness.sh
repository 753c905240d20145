#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The harness's own logic, without a lab: heads, TAP, shards, budgets (test_harness.py).
#
# Would fail: each case there says with which change to the code.
# tier: short
# timeout: 60
set -u

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"

unit_tests()
{
	PYTHONPATH=$here/..:$here/../lab PYTHONDONTWRITEBYTECODE=1 \
		python3 -m unittest -q harness.test_harness 2>&1 |
		grep -v -e '^-*$' -e '^Ran ' -e '^OK'
}

is_empty "harness: unit tests" "$(unit_tests)"

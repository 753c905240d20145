#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xenpv-top and xenpv-status --metrics on a made-up /sys: devices of all four drivers, rates
# of a counter that moves, a terminal that is resized, OpenMetrics' rules, and the names of
# debugfs against the drivers' sources (tools_test.py).
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
	XENPV_TREE=$(cd "${XENPV_TREE:-$here/../..}" && pwd) PYTHONDONTWRITEBYTECODE=1 \
		python3 "$here/tools_test.py" -q 2>&1 |
		grep -v -e '^-*$' -e '^Ran ' -e '^OK'
}

is_empty "tools: unit tests" "$(unit_tests)"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# TAP for the scripts of selftests/style and selftests/build: to be sourced.

tap_count=0
tap_failed=0

# tap_none NAME FINDINGS: passes if there are no findings, else prints them.
tap_none()
{
	tap_count=$((tap_count + 1))
	if [ -z "$2" ]; then
		echo "ok $tap_count - $1"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	printf '# %s\n' "${2//$'\n'/$'\n'# }"
}

# tap_skip NAME WHY
tap_skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# tap_end: the plan; its status is the script's.
tap_end()
{
	echo "1..$tap_count"
	[ "$tap_failed" -eq 0 ]
}

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

# tap_says NAME STATUS TEXT COMMAND...: passes if the command ends with 0 or, for a
# STATUS of 1, with anything else, and what it prints has the text.
tap_says()
{
	local name=$1 status=$2 text=$3 out got=0 found=

	shift 3
	out=$("$@" 2>&1) || got=1
	if [ $got -ne "$status" ]; then
		found="status $got instead of $status"$'\n'
	fi
	if [[ $out != *"$text"* ]]; then
		found+="no '$text' in:"$'\n'"$out"
	fi
	tap_none "$name" "$found"
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

# tap_relay PREFIX: passes on the results on standard input, of another script, as
# some of this one's.
tap_relay()
{
	local line name='' found='' ran=0

	while IFS= read -r line; do
		if [[ $line =~ ^(not )?ok\ [0-9]+\ -\ (.*) ]]; then
			tap_relay_end
			name="$1, ${BASH_REMATCH[2]}"
			found=${BASH_REMATCH[1]:+failed}
			ran=$((ran + 1))
		elif [[ $line == '# '* ]]; then
			found+=$'\n'${line#\# }
		elif [[ $line != 1..* ]]; then
			echo "# $line"
		fi
	done
	tap_relay_end
	if [ $ran -eq 0 ]; then
		tap_none "$1" "ran no test"
	fi
}

# For tap_relay: the result whose lines have ended.
tap_relay_end()
{
	if [[ $name == *' # SKIP '* ]]; then
		tap_skip "${name%% # SKIP *}" "${name#* # SKIP }"
	elif [ -n "$name" ] && [[ $found == failed* ]]; then
		tap_none "$name" "${found#failed$'\n'}"
	elif [ -n "$name" ]; then
		tap_none "$name" ""
	fi
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0

# What seconds are multiplied by on a busy host; the runner sets it.
TIME_FACTOR=${XENPV_TIME_FACTOR:-1}
seconds() { echo $(($1 * TIME_FACTOR)); }

# wait_until SECONDS CMD ARG...: until CMD succeeds; status 1 after SECONDS.
wait_until() {
	local seconds=$1 end
	shift
	end=$((SECONDS + seconds * TIME_FACTOR + 1))
	until "$@" >/dev/null 2>&1 </dev/null; do
		if [ $SECONDS -ge $end ]; then
			echo "no success within $seconds s: $*" >&2
			return 1
		fi
		sleep 0.1
	done
}

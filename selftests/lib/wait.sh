# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0

# wait_until SECONDS CMD ARG...: until CMD succeeds; status 1 after SECONDS.
wait_until() {
	local seconds=$1 end
	shift
	end=$((SECONDS + seconds + 1))
	until "$@" >/dev/null 2>&1 </dev/null; do
		if [ $SECONDS -ge $end ]; then
			echo "no success within $seconds s: $*" >&2
			return 1
		fi
		sleep 0.1
	done
}

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs test suites and adds up their TAP: check.sh [SUITE...], all without one.
# Installs what they need (packages.txt), streams what they print, and ends with
# "N passed, N failed[, N skipped]". A suite that runs no test, not all that it
# planned, ends badly without saying why or takes too long counts as a failure.
#
# XENPV_CHECK_SECONDS: for all of it; suites that do not fit are cut off.
#
# Seen failing: each of the above, with a suite that does just that;
# selftests/build/breach.sh repeats that every time.
set -uo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
# Suites that call make are not part of the one that called this.
unset MAKEFLAGS MFLAGS MAKELEVEL

# Name, seconds that it may take, command. Quick ones first.
suites()
{
	if [ -n "${XENPV_CHECK_SUITES:-}" ]; then
		cat "$XENPV_CHECK_SUITES"
		return
	fi
	cat <<-END
		style   600  selftests/style/style.sh
		layers  60   selftests/build/layers.sh
		features 60  selftests/build/features.sh
		menu    120  selftests/build/menu.sh
		package 120  selftests/build/package.sh
		breach  300  selftests/build/breach.sh
		bench   60   selftests/build/bench.sh
		compile 600  selftests/build/compile.sh
		unit    600  make -s --no-print-directory -C selftests/unit check
		lab     4700 make --no-print-directory lab-run
	END
}

passed=0
failed=0
skipped=0
child=

# count LINE: one line of TAP. cmocka says "not ok N # SKIP"; a failure that is
# expected for now has "# TODO".
count()
{
	case $1 in
	"ok "* | "ok" | "not ok "* | "not ok")
		ran=$((ran + 1))
		if [[ $1 =~ \#\ *(SKIP|skip|TODO|todo) && ! $1 =~ ^ok.*TODO ]]; then
			skipped=$((skipped + 1))
		elif [[ $1 == ok* ]]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			bad=$((bad + 1))
		fi
		;;
	1..*)
		plan=${1#1..}
		planned=$((${planned:-0} + ${plan%%[!0-9]*}))
		;;
	"Bail out!"*)
		problem "$1"
		;;
	esac
}

# problem TEXT: what is wrong with the suite as such.
problem()
{
	failed=$((failed + 1))
	bad=$((bad + 1))
	echo "not ok - $name: $1"
}

# stream FD: passes on and counts what the suite prints, until it has ended. A
# stray process of it may hold the pipe open for longer than that.
stream()
{
	local line='' part status

	while :; do
		IFS= read -r -t 5 -u "$1" part
		status=$?
		line+=$part
		if [ $status -gt 128 ]; then
			kill -0 "$child" 2>/dev/null && continue
			problem "ended but left a process that holds its output open"
		fi
		if [ $status -eq 0 ] || [ -n "$line" ]; then
			printf '%s\n' "$line"
			count "$line"
		fi
		[ $status -eq 0 ] || break
		line=
	done
}

# run NAME SECONDS COMMAND...
run()
{
	local name=$1 limit=$2 ran=0 bad=0 planned='' plan status fd start=$SECONDS
	local left=$((${XENPV_CHECK_SECONDS:-86400} - SECONDS))

	shift 2
	limit=$((left < limit ? left : limit))
	echo "# $name: $*"
	if [ "$limit" -le 0 ]; then
		problem "no time left of $XENPV_CHECK_SECONDS s"
		return
	fi
	# A process group of its own, all of which goes at the time-out.
	exec {fd}< <(exec timeout -k 20 "$limit" "$@" </dev/null)
	child=$!
	stream "$fd"
	exec {fd}<&-
	wait "$child"
	status=$?
	child=
	if [ $status -eq 124 ] || [ $status -eq 137 ]; then
		problem "cut off after $limit s"
	elif [ $status -ne 0 ] && [ $bad -eq 0 ]; then
		problem "ended with status $status"
	elif [ "$ran" -eq 0 ]; then
		problem "ran no test"
	elif [ -n "$planned" ] && [ "$planned" -ne "$ran" ]; then
		problem "planned $planned tests but ran $ran"
	fi
	echo "# $name: $ran tests, $((SECONDS - start)) s"
}

stop()
{
	if [ -n "$child" ]; then
		kill "$child"
		wait "$child"
	fi
	echo "check.sh: stopped" >&2
	exit 130
}

trap stop INT TERM HUP
wanted=("$@")
if [ $# -eq 0 ]; then
	mapfile -t wanted < <(suites | awk '{ print $1 }')
fi
if [ -z "${XENPV_CHECK_SUITES:-}" ]; then
	selftests/packages.sh "${wanted[@]}" ||
		echo "# not all packages are there: expect failures"
fi
for suite in "${wanted[@]}"; do
	read -ra row < <(suites | awk -v name="$suite" '$1 == name')
	if [ ${#row[@]} -eq 0 ]; then
		name=$suite bad=0 problem "no such suite ($(suites | awk '{ print $1 }' | xargs))"
	else
		run "${row[@]}"
	fi
done
if [ $skipped -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ] && [ $passed -gt 0 ]

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# TAP for tests: results, diagnostics, and a plan printed by itself at the end.
#   ok DESC               not_ok DESC [DIAGNOSTIC...]      skip DESC WHY
#   check DESC CMD ARG..  runs CMD; its output becomes diagnostics on failure
#   is DESC GOT WANT      compares strings
#   need CMD ARG..        runs CMD; on failure the test ends as failed
#   bail WHY              the test ends as failed
#   diag TEXT             a diagnostic line
#   plan N                states N beforehand (optional)
#   skip_all WHY          the whole test is skipped
#   tap_from CMD ARG..    a program's results are this test's

_tap_n=0
_tap_failed=0
_tap_plan=

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

ok() {
	_tap_n=$((_tap_n + 1))
	printf 'ok %d - %s\n' $_tap_n "$1"
}

not_ok() {
	_tap_n=$((_tap_n + 1))
	_tap_failed=$((_tap_failed + 1))
	printf 'not ok %d - %s\n' $_tap_n "$1"
	shift
	[ $# = 0 ] || diag "$@"
	return 1
}

skip() {
	_tap_n=$((_tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' $_tap_n "$1" "${2:-}"
}

plan() {
	_tap_plan=$1
	printf '1..%d\n' "$1"
}

skip_all() {
	_tap_plan=0
	printf '1..0 # SKIP %s\n' "$*"
	exit 0
}

check() {
	local desc=$1 out status
	shift
	out=$("$@" 2>&1 </dev/null)
	status=$?
	if [ $status = 0 ]; then
		ok "$desc"
	else
		not_ok "$desc" "'$*' ended with status $status"
		[ -z "$out" ] || diag "$(tail -n 30 <<<"$out")"
		return 1
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2'" "want '$3'"
	fi
}

need() {
	local out status
	# not in a subshell: the command may set variables or start jobs
	"$@" >"/run/xenpv/need.$$" 2>&1 </dev/null
	status=$?
	out=$(tail -n 30 "/run/xenpv/need.$$")
	rm -f "/run/xenpv/need.$$"
	[ $status = 0 ] && return 0
	not_ok "needed: $*" "status $status"
	[ -z "$out" ] || diag "$out"
	exit 1
}

bail() {
	not_ok "cannot go on: $*"
	exit 1
}

# Commands to run when the test ends, last first.
_at_exit=()
at_exit() { _at_exit+=("$*"); }

_tap_end() {
	local status=$? i
	trap - EXIT
	for ((i = ${#_at_exit[@]} - 1; i >= 0; i--)); do
		eval "${_at_exit[i]}"
	done
	if [ $status != 0 ] && [ $_tap_failed = 0 ]; then
		not_ok "the test script ended with status $status"
	fi
	[ -n "$_tap_plan" ] || printf '1..%d\n' $_tap_n
	[ $_tap_failed = 0 ] && [ $status = 0 ]
	exit
}
trap _tap_end EXIT

# tap_from CMD...: the results of a program that prints "ok - DESC" and
# "not ok - DESC" are results of this test; what else it prints is diagnostics.
tap_from() {
	local line status=none
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${line#ok - }" ;;
		"not ok - "*) not_ok "${line#not ok - }" ;;
		"status "*) status=${line#status } ;;
		*) diag "$line" ;;
		esac
	done < <("$@" 2>&1; echo "status $?")
	is "that was all" "$status" 0
}

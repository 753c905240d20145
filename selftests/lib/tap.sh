# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# TAP for tests in bash, in dom0 and on this machine: results, diagnostics, and a plan
# printed by itself at the end. To be sourced.
#   ok DESC               not_ok DESC [DIAGNOSTIC...]      skip DESC WHY
#   check DESC CMD ARG..  runs CMD; its output becomes diagnostics on failure
#   is DESC GOT WANT      compares strings
#   is_empty DESC TEXT    passes where there is no TEXT, else prints it
#   says DESC STATUS TEXT CMD ARG..  whether CMD ends with 0 or, for a STATUS of 1, with
#                         anything else, and what it prints has the TEXT
#   need CMD ARG..        runs CMD; on failure the test ends as failed
#   bail WHY              the test ends as failed
#   diag TEXT             a diagnostic line
#   plan N                states N beforehand (optional)
#   skip_all WHY          the whole test is skipped
#   tap_from CMD ARG..    a program's results are this test's
#   relay PREFIX CMD ARG..  the same for a program that prints whole TAP, with a plan
#   at_exit CMD ARG..     runs CMD when the test ends; last first

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
	# run-one's, in dom0: keeps what there is to see at the first failure
	[ $_tap_failed -gt 1 ] || ! declare -F evidence_keep >/dev/null || evidence_keep
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
		not_ok "$desc" "'$*' ended with status $status"$'\n'"$(tail -n 30 <<<"$out")"
	fi
}

is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2'"$'\n'"want '$3'"
	fi
}

is_empty() {
	if [ -z "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "$2"
	fi
}

says() {
	local name=$1 status=$2 text=$3 out got=0 found=
	shift 3
	out=$("$@" 2>&1) || got=1
	[ $got = "$status" ] || found="status $got instead of $status"$'\n'
	[[ $out == *"$text"* ]] || found+="no '$text' in:"$'\n'"$out"
	is_empty "$name" "$found"
}

need() {
	local out status log
	log=$(mktemp)
	# not in a subshell: the command may set variables or start jobs
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	out=$(tail -n 30 "$log")
	rm -f "$log"
	[ $status = 0 ] && return 0
	not_ok "needed: $*" "status $status"$'\n'"$out"
	exit 1
}

bail() {
	not_ok "cannot go on: $*"
	exit 1
}

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

# tap_from CMD...: of a program that prints "ok - DESC" and "not ok - DESC"; what else it
# prints is diagnostics.
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

# relay PREFIX CMD...: results are named PREFIXname. One that ends before its plan, or
# without a result, has failed.
relay() {
	local prefix=$1 line due='' seen=0 status
	shift
	while IFS= read -r line; do
		if [[ $line =~ ^(not\ )?ok\ [0-9]+\ (-\ )?(.*) ]]; then
			seen=$((seen + 1))
			_relay_one "${BASH_REMATCH[1]}" "$prefix${BASH_REMATCH[3]}"
		elif [[ $line =~ ^1\.\.([0-9]+)$ ]]; then
			due=${BASH_REMATCH[1]}
		elif [[ $line =~ ^relay-status\ ([0-9]+)$ ]]; then
			status=${BASH_REMATCH[1]}
		elif [[ -n $line && $line != 'TAP version'* ]] && ! [[ $line =~ ^#\ (not\ )?ok\ -\  ]]; then
			diag "${line#\# }"
		fi
	done < <("$@" 2>&1; echo "relay-status $?")
	if [ "$seen" = 0 ] || [ "$seen" != "${due:-0}" ]; then
		not_ok "${prefix}ended early" "status $status, $seen of ${due:-an unknown number of} results"
	fi
}

_relay_one() {
	if [[ $2 == *'# SKIP'* ]]; then
		skip "${2%% # SKIP*}" "${2#*# SKIP}"
	elif [ -n "$1" ]; then
		not_ok "$2"
	else
		ok "$2"
	fi
}

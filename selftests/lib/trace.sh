# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Where a test's time goes: XENPV_TRACE=1 make lab-run T=... has bash write down when each
# command of the test itself began, and prints what each took, the longest first.

TRACE=/run/xenpv/trace

trace_begin() {
	[ -n "${XENPV_TRACE:-}" ] && [ "$BASHPID" = "$$" ] || return 0
	exec {BASH_XTRACEFD}>$TRACE
	# The first character of PS4 is repeated at each level of subshells.
	PS4='+${#FUNCNAME[@]} ${EPOCHREALTIME} '
	set -x
}

# trace_sum: reads a trace. Time is that of the outermost call of a library function or
# program; functions of the test itself and of TAP are looked into.
trace_sum() {
	awk '
	function charge(now) { if (word != "") { spent[word] += now - began; calls[word]++ } word = "" }
	/^\++[0-9]+ [0-9.]+ / {
		depth = $1; sub(/^\++/, "", depth)
		now = $2; name = $3
		if (!first) first = now
		last = now
		if (word != "" && depth > level) next
		charge(now)
		if (name ~ /^(check|need|is|ok|local|\[|\[\[|for|case|return|shift|echo|test)$/) next
		if (name ~ /=/ || name ~ /^[(]/) next
		word = name; began = now; level = depth
	}
	END {
		charge(last)
		printf "# trace: %.1f s in all\n", last - first
		for (w in spent) if (spent[w] >= 0.3)
			printf "# trace: %7.1f s  %4d  %s\n", spent[w], calls[w], w | "sort -k 3 -rn"
	}'
	rm -f $TRACE
}

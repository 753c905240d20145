#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# clang-format where it agrees with kernel style: clang-format.sh FILE...
#
# It agrees on indentation, spacing and braces inside functions. It does not on
# where to break a line: it takes tables apart, puts __printf() before the
# function on its line and re-flows TRACE_EVENT. So it runs without a column
# limit, which leaves line breaks alone; what differs in the number of lines
# is its opinion and is dropped; the rest is printed as FILE:LINE: and the line
# that it would like. Macros of several lines are let be. Made equal first: tabs
# before a comment at a line's end or a macro's value and "* const *", which are
# the kernel's habit, "MACRO * MACRO", which it takes for a pointer, and how far
# the rest of an expression is indented, of which checkpatch sees the alignment.
set -eu

style=$(mktemp)
formatted=$(mktemp)
trap 'rm -f "$style" "$formatted"' EXIT
sed 's/^ColumnLimit: .*/ColumnLimit: 0/' "$(dirname "$0")/../../.clang-format" >"$style"

equal()
{
	sed -E 's|[[:blank:]]+(/\*.*\*/)$| \1|; s/^(#define +[^[:blank:]]+)[[:blank:]]+/\1 /
		s/ \* / */g' | awk '
	continued { sub(/^[ \t]+/, "") }
	{ continued = /([-,+*\/%&|?=<>(]| :|\?:)$/; print }'
}

# A hunk's header is "@@ -LINE,COUNT +LINE,COUNT @@"; a count of 1 is left out.
# The lines to print come from clang-format's output as it was.
findings()
{
	awk -v file="$1" '
	function print_hunk(i)
	{
		for (i = 0; i < lines && !macro && old[2] == new[2]; i++)
			printf "%s:%d: wants: %s\n", file, i - old[1], wanted[i + new[1]]
		lines = macro = 0
	}
	FNR == NR { wanted[FNR] = $0; next }
	/^(---|\+\+\+) / { next }
	/^@@/ { print_hunk(); split($2, old, ","); split($3, new, ","); next }
	/^\+/ { lines++ }
	/\\$/ { macro = 1 }
	END { print_hunk() }' "$formatted" -
}

for file in "$@"; do
	case $file in
	*trace.h) continue ;;
	esac
	clang-format --style="file:$style" "$file" >"$formatted"
	diff -U0 <(equal <"$file") <(equal <"$formatted") | findings "$file"
done

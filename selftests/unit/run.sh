#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs test programs and makes one TAP stream of theirs.
#   run.sh BUILD-FOLDER PROGRAM...
# A program that dies (a sanitizer's abort, a hang) becomes a failed test. A test
# named in known-bugs fails without failing the run: TAP's TODO.
set -u

build=${1:?usage: run.sh BUILD-FOLDER PROGRAM...}
shift
here=$(dirname "$0")
# Ample for a slow machine; the longest program takes seconds.
limit=${UNIT_LIMIT:-300}

for name; do
	timeout -k 5 "$limit" "$build/$name" 2>&1
	echo "exit $name $?"
done | awk -v known="$here/known-bugs" '
BEGIN {
	while ((getline line < known) > 0)
		if (line ~ /^[a-z]/) {
			name = line
			sub(/[ \t].*/, "", name)
			sub(/^[^ \t]*[ \t]*/, "", line)
			reason[name] = line
		}
	print "TAP version 13"
}

# Any test of this program, by its full name.
function result(good, name) {
	nr++
	if (good) {
		passed++
		print "ok " nr " - " name \
			(name in reason ? " # TODO known bug, but passes" : "")
	} else if (name in reason) {
		todo++
		print "not ok " nr " - " name " # TODO " reason[name]
	} else {
		failed++
		print "not ok " nr " - " name
	}
}

/^1\.\.[0-9]+$/ {
	due = substr($0, 4) + 0
	next
}
/^(not )?ok [0-9]+ / {
	good[++seen] = /^ok/
	test[seen] = $0
	sub(/^(not )?ok [0-9]+ (- )?/, "", test[seen])
	sub(/ .*/, "", test[seen])
	next
}
/^exit / && NF == 3 {
	for (i = 1; i <= seen; i++)
		result(good[i], $2 ":" test[i])
	for (i = 1; i <= notes; i++)
		print note[i]
	if (seen < due || !due) {
		result(0, $2 ":ended early")
		print "# " $2 ": exit status " $3 ", " seen " of " due " tests run"
	}
	due = seen = notes = 0
	next
}
/^# (not )?ok - / { next }
{ note[++notes] = /^#/ ? $0 : "# " $0 }

END {
	print "1.." nr + 0
	if (todo)
		print "# " todo " known bugs, see known-bugs"
	print passed + 0 " passed, " failed + 0 " failed"
	exit failed || !nr
}'

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs test programs and makes one TAP stream of theirs: run.sh BUILD-FOLDER PROGRAM...
# A program that dies (a sanitizer's abort, a hang) is a failed test.
set -u

build=${1:?usage: run.sh BUILD-FOLDER PROGRAM...}
shift
# shellcheck source=selftests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

for name; do
	# Ample for a slow machine; the longest program takes seconds.
	relay "$name:" timeout -k 5 "${UNIT_LIMIT:-300}" "$build/$name"
done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# docs/features.md is complete, in TAP: its rows name tests that there are, in the
# columns of the tiers that they run in; every test, module parameter and key of the
# drivers' feature tables has a row, and the short tier touches every row.
#
# Seen failing: each check with the breach that selftests/build/breach.sh makes, which
# repeats that every time.
# tier: short
# timeout: 60
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=selftests/lib/tap.sh
. "$here/../lib/tap.sh"
cd "${XENPV_TREE:-$here/../..}" || exit 1

# A check that dies is a finding.
found()
{
	PYTHONPATH=$here/..:$here/../lab PYTHONDONTWRITEBYTECODE=1 python3 "$here/features.py" "$@" 2>&1 || echo "'$*' failed"
}

while read -r check about; do
	about=${about%.}
	is_empty "features: ${about,}" "$(found "$check")"
done < <(found)

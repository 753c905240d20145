#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# modinfo, docs/parameters.md and man/xenpv.7 say the same of each module parameter, in TAP.
# MODULE_PARM_DESC is the source; "parameters.py --write" renews the two documents.
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
	PYTHONDONTWRITEBYTECODE=1 python3 "$here/parameters.py" "$@" 2>&1 || echo "'$*' failed"
}

while read -r check about; do
	about=${about%.}
	is_empty "parameters: ${about,}" "$(found "$check")"
done < <(found)

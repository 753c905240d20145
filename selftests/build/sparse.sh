#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Stands in for sparse in compile.sh's build: what it says goes to a log of its
# own, apart from the compiler's words, with a line for each file checked.
set -o pipefail

tree=${XENPV_SPARSE_LOG%/*}
text=$(sparse "$@" 2>&1)
status=$?
{
	if [ -n "$text" ]; then
		echo "$text"
	fi
	echo "checked ${*: -1}" | sed "s|$tree/||"
} >>"$XENPV_SPARSE_LOG"
exit $status

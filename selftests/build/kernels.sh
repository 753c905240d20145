#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The modules compile without a warning for every supported kernel (or KERNEL), each in its
# own Debian, with its own compiler: compile.sh in each.
# tier: deep
# timeout: 1500
# shellcheck disable=SC2086 # a list
exec "$(dirname "$0")/each-kernel.sh" compile.sh ${KERNEL:-}

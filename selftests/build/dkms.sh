#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package is installed, upgraded and removed in each supported Debian (or KERNEL's):
# dkms-inside.sh in each.
# tier: deep
# timeout: 1700
# shellcheck disable=SC2086 # a list
exec "$(dirname "$0")/each-kernel.sh" dkms-inside.sh ${KERNEL:-}

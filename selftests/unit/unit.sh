#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The unit tests: common's pure parts and the drivers' in user space; README.md.
#
# Would fail: each test of tests/ says by which change to the code; mutate.sh tries them.
# tier: short
# timeout: 600
exec make -s --no-print-directory -C "$(dirname "$0")" check

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Xen 4.20 with every supported kernel: matrix.sh.
# tier: deep
# timeout: 1700
# alone
XEN=4.20 exec "$(dirname "$0")/matrix.sh"

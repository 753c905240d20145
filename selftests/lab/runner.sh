#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What crashes, hangs and leaks look like in the output of a run: selftest/selftest.py.
# tier: deep
# timeout: 1500
# alone
exec "$(dirname "$0")/selftest/selftest.py"

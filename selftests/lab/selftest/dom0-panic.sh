#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dom0 dies; the runner boots again for the next test.
# timeout: 60
# expect: ^not ok 1 - lab/selftest/dom0-panic: (dom0|the connection)
# expect: ^# \| .*Kernel panic - not syncing: sysrq triggered crash
# expect: ^0 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

echo c >/proc/sysrq-trigger
sleep 60

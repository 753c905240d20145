#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Failures are counted, told, and change the exit status.
# timeout: 20
# expect: ^ok 1 - lab/selftest/fail: passes$
# expect: ^not ok 2 - lab/selftest/fail: fails on purpose$
# expect: ^# why it failed$
# expect: ^not ok 3 - lab/selftest/fail: a command$
# expect: ^# 'ls /nowhere' ended with status 2$
# expect: ^ok 4 - lab/selftest/fail: not here # SKIP because$
# expect: ^1 passed, 2 failed, 1 skipped$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

ok "passes"
not_ok "fails on purpose" "why it failed"
check "a command" ls /nowhere
skip "not here" "because"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A script that ends badly without a result of its own is a failure.
# timeout: 20
# expect: ^not ok 2 - lab/selftest/exit: the test script ended with status 3$
# expect: ^1 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

ok "passes"
exit 3

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A whole test may be skipped; then no test has run, which is a failure.
# timeout: 20
# expect: ^ok 1 - lab/selftest/skip # SKIP nothing to do$
# expect: ^0 passed, 0 failed, 1 skipped$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

skip_all "nothing to do"

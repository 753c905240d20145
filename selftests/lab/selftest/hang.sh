#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A test that hangs, with a guest and a child that ignores signals.
# timeout: 60
# expect: ^ok 1 - lab/selftest/hang: before$
# expect: ^not ok 2 - lab/selftest/hang: time-out after \d+ s$
# expect: ^# guest\| .*guest-init: .* ready
# expect: ^1 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need guest_create g1 front=none
ok "before"
(trap '' TERM INT; exec sleep 100000) &
trap '' TERM
while :; do sleep 1000; done

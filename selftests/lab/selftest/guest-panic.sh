#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that panics under a command.
# timeout: 120
# expect: ^ok 1 - lab/selftest/guest-panic: the command says that the guest is gone$
# expect: ^not ok 2 - lab/selftest/guest-panic: no kernel complains$
# expect: ^# guest-g1: .*Kernel panic - not syncing: sysrq triggered crash
# expect: ^1 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need guest_create g1 front=none
guest_run g1 'echo c >/proc/sysrq-trigger; sleep 60'
is "the command says that the guest is gone" $? 125

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a kernel complains about is found in dom0 and in guests, unless allowed.
# timeout: 120
# allow: allowed complaint
# expect: ^not ok 2 - lab/selftest/splat: no kernel complains$
# expect: ^# dom0: .*WARNING: CPU: 0 not allowed in dom0
# expect: ^# guest-g1: .*g.e. 0x12 still in use
# refuse: WARNING: an allowed complaint
# expect: ^1 passed, 1 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need guest_create g1 front=none
echo "WARNING: CPU: 0 not allowed in dom0" >/dev/kmsg
echo "WARNING: an allowed complaint" >/dev/kmsg
guest_run g1 'echo "<3>xen: g.e. 0x12 still in use" >/dev/kmsg'
ok "said"

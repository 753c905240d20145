# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The library for tests in dom0: source this file, nothing else.
# See selftests/lab/README.md for how to write a test.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=selftests/lib/tap.sh
. "$_lib/tap.sh"
# shellcheck source=selftests/lib/wait.sh
. "$_lib/wait.sh"
# shellcheck source=selftests/lib/driver.sh
. "$_lib/driver.sh"
# shellcheck source=selftests/lib/guest.sh
. "$_lib/guest.sh"
# shellcheck source=selftests/lib/disk.sh
. "$_lib/disk.sh"
# shellcheck source=selftests/lib/net.sh
. "$_lib/net.sh"

# deep: whether the test is to do all that it can; "# tier: short, deep" in its head has
# it run in both tiers.
deep() { [ "${TIER:-deep}" = deep ]; }
# by_tier DEEP SHORT: one of them.
by_tier() { if deep; then echo "$1"; else echo "$2"; fi; }

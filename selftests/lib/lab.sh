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
# shellcheck source=selftests/lib/evidence.sh
[ -z "${TEST_SECONDS:-}" ] || . "$_lib/evidence.sh"
# shellcheck source=selftests/lib/trace.sh
. "$_lib/trace.sh"

# deep: whether the test runs for the deep tier, and so for all of its matrix. A test of
# the short tier ("# tier: short, deep") tries each value of each feature once.
deep() { [ "${TIER:-deep}" = deep ]; }
# by_tier DEEP SHORT: one of them.
by_tier() { if deep; then echo "$1"; else echo "$2"; fi; }

[ "${0##*/}" = run-one ] || trace_begin

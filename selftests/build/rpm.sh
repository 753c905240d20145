#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The RPM is installed, upgraded and removed in a Debian 13 with rpm and dracut that says to
# be Fedora, for KERNEL or 6.12 and 7.3: rpm-inside.sh in each.
# tier: deep
# timeout: 1700
export CHROOT_MORE="rpm procps dracut-core"
# shellcheck disable=SC2086 # a list
exec "$(dirname "$0")/each-kernel.sh" rpm-inside.sh ${KERNEL:-6.12 7.3}

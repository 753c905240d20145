#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package where dracut makes the initramfs, in Debian 12, whose dracut has no
# update-initramfs: dracut-inside.sh there.
# tier: deep
# timeout: 900
export CHROOT_MORE="procps dracut-core"
exec "$(dirname "$0")/each-kernel.sh" dracut-inside.sh 6.1

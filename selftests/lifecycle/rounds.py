#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""rounds.py NUMBER VDEV DEVICE: attaches, reads, detaches, so many times."""

import os
import sys

import xenpeer

store = xenpeer.Store()
number, vdev, device = int(sys.argv[1]), sys.argv[2], sys.argv[3]
for turn in range(number):
    disk = xenpeer.Disk(store, vdev, device)
    try:
        disk.create()
        disk.appear()
        file = os.open(disk.node(), os.O_RDONLY)
        if len(os.read(file, 4096)) != 4096:
            raise xenpeer.Late("a short read")
        os.close(file)
        disk.detach()
    except (xenpeer.Late, OSError) as err:
        sys.exit(f"round {turn + 1} of {number}: {err}")

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""stable.py DEVICE: the cases of stable.sh. DEVICE is dmsetup's."""

import sys

from peer import OKAY, PAGE, Backend, Store, Suspended, on_disk, put_text, sys_dir, until, want
from xenpeer import FAKE, WRITE, case

device = sys.argv[1]
store = Store()


def changed(disk, sector, wish, right):
    """A page changes while the disk has the write; which of both does it get?"""
    peer = disk.peers[0]
    put_text(f"{sys_dir(device)}/queue/stable_writes", wish)
    before = int(disk.says("queues", "writes"))
    with Suspended(device):
        peer.data.mem[:] = b"a" * 4096
        # the page once more, and a part of it
        ident = peer.put(WRITE, sector, (peer.data.ref, 0, 7), (peer.data.ref, 2, 3))
        peer.show()
        until("the disk has it", lambda: int(disk.says("queues", "writes")) > before)
        peer.data.mem[:] = b"b" * 4096
    want([OKAY], peer.answers([ident]), "statuses")
    want(right, bytes(set(on_disk(device, sector, PAGE + 2))), "bytes written")


for grants in (0, 1):
    with Backend(store, "xvdz", device) as backend:
        backend.connect(feature_persistent=grants)
        text = f"persistent grants {'on' if grants else 'off'}"
        case(f"{text}: a copy where the disk wants stable pages", changed, backend, 64, 1, b"a")
        case(f"{text}: none where it does not", changed, backend, 128, 0, b"b")
store.remove(FAKE)

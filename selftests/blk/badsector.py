#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""badsector.py DEVICE SECTOR: the cases of badsector.sh; eight sectors are bad."""

import sys

from peer import ERROR, OKAY, PAGE, Backend, Late, Store, disk_stat, want
from xenpeer import FAKE, READ, WRITE, case

device, bad = sys.argv[1], int(sys.argv[2])
store = Store()
MERGED = {READ: 1, WRITE: 5}    # fields of the disk's stat


def neighbours(peer, code):
    """Three in a row, of which the one in the middle cannot be had."""
    before = disk_stat(device, MERGED[code])
    idents = [peer.put(code, bad + i * PAGE) for i in (-1, 0, 1)]
    peer.show()
    got = peer.answers(idents)
    merged = disk_stat(device, MERGED[code]) - before
    if merged != 2:
        raise Late(f"{merged} requests were merged, so that this shows nothing")
    want([OKAY, ERROR, OKAY], got, "statuses")


def good(peer, code):
    """Where nothing is bad they are merged, and go to the disk once."""
    before = disk_stat(device, code * 4)
    idents = [peer.put(code, bad + i * PAGE) for i in (2, 3, 4)]
    peer.show()
    want([OKAY] * 3, peer.answers(idents), "statuses")
    want(1, disk_stat(device, code * 4) - before, "requests to the disk")


with Backend(store, "xvdz", device) as disk:
    disk.connect()
    front = disk.peers[0]
    for name, op in (("read", READ), ("write", WRITE)):
        case(f"{name}: three in a row, the one in the middle is bad", neighbours, front, op)
        case(f"{name}: three in a row, all good", good, front, op)
store.remove(FAKE)

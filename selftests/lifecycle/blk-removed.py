#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""blk-removed.py SLOW LOOP FILE: the case of blk-removed.sh."""

import fcntl
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../blk"))
from peer import PAGE, Backend, Late, Store, Suspended, put_text, sys_dir, until  # noqa
from xenpeer import FAKE, READ, case  # noqa

slow, loop, file = sys.argv[1:]
store = Store()


def removed():
    """Its size and its features change when its directory has just been removed."""
    with Backend(store, "xvdp", slow) as busy, Backend(store, "xvdq", loop) as disk:
        busy.connect()
        disk.connect()
        if store.read(f"{disk.back}/feature-flush-cache") != "1":
            raise Late("this disk has no cache that it could lose")
        with Suspended(slow):
            busy.peers[0].put(READ, 0)
            busy.peers[0].show()
            until("a request is under way",
                  lambda: busy.says("queues", "outstanding") == "1")
            put_text(f"{sys_dir(loop)}/queue/write_cache", "write through")
            os.truncate(file, os.stat(file).st_size * 2)
            # xenwatch waits for it, five seconds, and notices nothing else meanwhile.
            store.remove(busy.back)
            until("the removal has begun",
                  lambda: not os.path.exists(f"{sys_dir_of(busy)}/driver"))
            store.remove(disk.back)
            grow(loop)
            # A request has the device's work look at the disk.
            ident = disk.peers[0].put(READ, PAGE)
            disk.peers[0].show()
            disk.peers[0].answers([ident])
            until("the device's work has looked",
                  lambda: disk.says("features", "feature-flush-cache (ours)") == "0")
            made = store.handle.ls("", disk.back)
            if made:
                raise Late(f"was made anew, with {sorted(made)}")


def grow(device):
    """Has a loop device notice the size of its file."""
    handle = os.open(device, os.O_RDWR)
    try:
        fcntl.ioctl(handle, 0x4c07, 0)      # LOOP_SET_CAPACITY
    finally:
        os.close(handle)


def sys_dir_of(disk):
    """Where sysfs has a backend."""
    return f"/sys/bus/xen-backend/devices/{disk.name()}"


case("a directory that was removed is not made anew", removed)
store.remove(FAKE)

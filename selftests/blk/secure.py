#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""secure.py SECTORS: the backend of xvdx in dom0, a program whose disk can discard securely.

Prints "ready" when the disk can be used, "discard FIRST SECTORS FLAG" for each discard, and
runs until its standard input ends."""

import ctypes
import fcntl
import mmap
import os
import select
import struct
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lifecycle"))
from xenpeer import CLOSING, CLOSED, CONNECTED, FAKE, FLUSH, INITIALISED, INITWAIT, READ  # noqa
from xenpeer import WRITE, Disk, Store  # noqa

DISCARD = 5
OKAY, NOT_SUPPORTED = 0, -2
SLOT, ENTRIES = 112, 32
KEYS = {"feature_discard": 1, "discard_secure": 1, "discard_granularity": 4096,
        "discard_alignment": 0, "feature_flush_cache": 1}


class Mapped:
    """A page that dom0 has granted to itself: for reading, what is to be written."""

    def __init__(self, ref, write=True):
        self.file = os.open("/dev/xen/gntdev", os.O_RDWR)
        arg = bytearray(struct.pack("IIQII", 1, 0, 0, 0, ref))
        fcntl.ioctl(self.file, 24 << 16 | ord("G") << 8 | 0, arg)
        self.mem = mmap.mmap(self.file, 4096, offset=struct.unpack_from("Q", arg, 8)[0],
                             prot=mmap.PROT_READ | (mmap.PROT_WRITE if write else 0))

    def __enter__(self):
        return self.mem

    def __exit__(self, *_):
        self.mem.close()
        os.close(self.file)


class Backend:
    """Serves a ring of one page from memory."""

    def __init__(self, ref, port, sectors):
        self.ring = Mapped(ref)
        self.data = bytearray(sectors * 512)
        self.events = os.open("/dev/xen/evtchn", os.O_RDWR)
        self.port = fcntl.ioctl(self.events, 8 << 16 | ord("E") << 8 | 1,
                                bytearray(struct.pack("II", 0, port)))
        self.done = 0

    # One aligned load or store, as the other side looks at the same moment.
    def _word(self, at):
        return ctypes.c_uint32.from_buffer(self.ring.mem, at)

    def serve(self):
        """Answers what is there and asks for an event with the next request."""
        while self._word(0).value != self.done & 0xffffffff:
            at = 64 + self.done % ENTRIES * SLOT
            slot = self.ring.mem[at:at + SLOT]
            status = self.one(slot)
            self.ring.mem[at:at + 12] = slot[8:16] + struct.pack("<BBh", slot[0], 0, status)
            self.done += 1
            self._word(8).value = self.done & 0xffffffff
            self._word(4).value = self.done + 1 & 0xffffffff
            fcntl.ioctl(self.events, 4 << 16 | ord("E") << 8 | 4,
                        bytearray(struct.pack("I", self.port)))

    def one(self, slot):
        """A request's status."""
        code, count = struct.unpack_from("<BB", slot, 0)
        sector, = struct.unpack_from("<Q", slot, 16)
        if code == DISCARD:
            sectors, = struct.unpack_from("<Q", slot, 24)
            print(f"discard {sector} {sectors} {count}", flush=True)
            self.data[sector * 512:(sector + sectors) * 512] = bytes(sectors * 512)
            return OKAY
        if code == FLUSH:
            return OKAY
        if code not in (READ, WRITE):
            return NOT_SUPPORTED
        pos = sector * 512
        for i in range(count):
            ref, first, last = struct.unpack_from("<IBB", slot, 24 + i * 8)
            size = (last - first + 1) * 512
            with Mapped(ref, code == READ) as page:
                if code == READ:
                    page[first * 512:first * 512 + size] = self.data[pos:pos + size]
                else:
                    self.data[pos:pos + size] = page[first * 512:first * 512 + size]
            pos += size
        return OKAY

    def run(self, end):
        """Until there is something to read from the descriptor."""
        while True:
            self.serve()
            ready = select.select([self.events, end], [], [], 0.2)[0]
            if self.events in ready:    # read and unmask again
                os.write(self.events, os.read(self.events, 4))
            if end in ready:
                return

    def close(self):
        """Everything back."""
        self.ring.__exit__()
        os.close(self.events)


def main():
    """Until the end of the input, then the disk goes."""
    sectors = int(sys.argv[1])
    store = Store()
    disk = Disk(store, "xvdx", None, fake_back=True)
    disk.create(back={"state": INITWAIT})
    disk.wait(front=INITIALISED)
    backend = Backend(int(store.read(f"{disk.front}/ring-ref")),
                      int(store.read(f"{disk.front}/event-channel")), sectors)
    end, ended = os.pipe()
    # The frontend reads as soon as it is told of the disk.
    thread = threading.Thread(target=backend.run, args=(end,))
    thread.start()
    try:
        store.write(disk.back, **KEYS, sectors=sectors, sector_size=512, info=0, state=CONNECTED)
        disk.wait(front=CONNECTED)
        print("ready", flush=True)
        sys.stdin.read()
        store.write(disk.back, state=CLOSING)
        disk.wait(front=CLOSED)
    finally:
        os.close(ended)
        thread.join()
        backend.close()
        disk.vanish()
        store.remove(FAKE)


main()

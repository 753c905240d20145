#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ops.py DEVICE: the cases of ops.sh. The device has a cache and takes discards."""

import mmap
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lifecycle"))
from xenpeer import (CONNECTED, FAKE, INITIALISED, INITWAIT, READ, WRITE,  # noqa
                     Disk, Frontend, Grant, Late, Store, case)

BARRIER, FLUSH, RESERVED, DISCARD, INDIRECT = 2, 3, 4, 5, 6
SECURE = 1
OKAY, ERROR, NOT_SUPPORTED = 0, -1, -2
PAGE = 8        # sectors
TOP = 1 << 64
device = sys.argv[1]
store = Store()


class Ring(Frontend):
    """A ring on which anything can be asked for."""

    def request(self, start, sector, body):
        """A slot: what is before the id, the sector, what is behind it; and its answer."""
        at = 64 + self.sent % 32 * self.slot
        mem = self.ring.mem
        ident = self.sent + 0x5566778800000000
        mem[at:at + self.slot] = bytes(self.slot)
        mem[at:at + len(start)] = start
        struct.pack_into("<QQ", mem, at + self.at_id, ident, sector % TOP)
        mem[at + self.at_segs:at + self.at_segs + len(body)] = body
        self.sent += 1
        self._put(0, self.sent)
        self.notify()
        answered, _, status = self.answer()
        if answered != ident:
            raise Late(f"request {ident:#x}: response {answered:#x}")
        return status

    def ask(self, code, sector, *segs, count=None):
        """READ, WRITE, BARRIER, FLUSH or junk; segments of (reference, first, last)."""
        body = b"".join(struct.pack("<IBBH", *seg, 0) for seg in segs)
        count = len(segs) if count is None else count
        return self.request(struct.pack("<BBH", code, count, 0), sector, body)

    def discard(self, sector, sectors, flag=0):
        """Asks for a discard."""
        return self.request(struct.pack("<BBH", DISCARD, flag, 0), sector,
                            struct.pack("<Q", sectors % TOP))

    def indirect(self, code, sector, count, desc):
        """One whose segments are in a page of their own."""
        return self.request(struct.pack("<BBH", INDIRECT, code, count), sector,
                            struct.pack("<HHI", 0, 0, desc))

    def page(self, first=0, last=PAGE - 1):
        """Our page as a segment."""
        return self.data.ref, first, last


def want(status, got, what):
    """Fails where a response is another."""
    if got != status:
        raise Late(f"{what}: status {got}, not {status}")


def flushes():
    """How often the disk was told to flush."""
    with open(f"/sys/block/{os.path.basename(device)}/stat", encoding="ascii") as stat:
        return int(stat.read().split()[15])


def on_disk(sector, count=PAGE):
    """What the disk itself has."""
    handle = os.open(device, os.O_RDONLY | os.O_DIRECT)
    try:
        with mmap.mmap(-1, count * 512) as page:
            os.preadv(handle, [page], sector * 512)
            return page[:]
    finally:
        os.close(handle)


def same(ring, sector, data, what):
    """Fails where the data is not what the backend, or the disk, has."""
    if ring.read(sector)[:len(data)] != data:
        raise Late(f"{what}: wrong data read")
    if on_disk(sector)[:len(data)] != data:
        raise Late(f"{what}: wrong data on the disk")


def barriers(ring):
    """With data it writes it behind a flush, without any it is a flush."""
    before = flushes()
    ring.data.mem[:] = b"b" * 4096
    want(OKAY, ring.ask(BARRIER, 16, ring.page()), "barrier")
    if flushes() == before:
        raise Late("a barrier with data did not flush")
    same(ring, 16, b"b" * 4096, "barrier")
    before = flushes()
    want(OKAY, ring.ask(BARRIER, 0), "empty barrier")
    if flushes() == before:
        raise Late("an empty barrier did not flush")


def empty_flush(ring):
    """As frontends send it."""
    before = flushes()
    want(OKAY, ring.ask(FLUSH, 0), "flush")
    if flushes() == before:
        raise Late("did not reach the disk")


def discards(ring):
    """The blocks go, those beside them stay."""
    for sector in (24, 32, 40):
        ring.write(sector, bytes([sector]) * 4096)
    want(OKAY, ring.discard(32, PAGE), "discard")
    same(ring, 24, bytes([24]) * 4096, "before it")
    same(ring, 32, bytes(4096), "discarded")
    same(ring, 40, bytes([40]) * 4096, "behind it")


def secure_discards(ring):
    """The disk cannot: it must not become a plain one, as of which data could be told back."""
    ring.write(48, b"s" * 4096)
    got = ring.discard(48, PAGE, SECURE)
    if got == OKAY:
        raise Late("was said to be done")
    same(ring, 48, b"s" * 4096, "refused")


def parts(ring):
    """Segments of any sectors of a page, in the order that they are given."""
    ring.data.mem[:] = b"".join(bytes([i]) * 512 for i in range(PAGE))
    segs = [ring.page(i, i) for i in (7, 0, 3)] + [ring.page(4, 6)]
    want(OKAY, ring.ask(WRITE, 64, *segs), "write")
    data = b"".join(bytes([i]) * 512 for i in (7, 0, 3, 4, 5, 6))
    same(ring, 64, data, "segments")


def by_indirect(ring):
    """As many segments as a page of descriptors is offered for."""
    desc, other = Grant(), Grant()
    try:
        ring.data.mem[:] = b"i" * 4096
        other.mem[:] = b"o" * 4096
        count = int(store.read(f"{ring.disk.back}/feature-max-indirect-segments"))
        # By turns: Xen maps a page 255 times at most.
        desc.mem[:count * 8] = b"".join(struct.pack("<IBBH", page.ref, 0, PAGE - 1, 0)
                                        for page in (ring.data, other)) * (count // 2)
        want(OKAY, ring.indirect(WRITE, 1024, count, desc.ref), "write")
        same(ring, 1024 + (count - 2) * PAGE, b"i" * 4096, "the last segment but one")
        same(ring, 1024 + (count - 1) * PAGE, b"o" * 4096, "the last segment")
        for what, code, number, ref in (
                ("one too many", WRITE, count + 1, desc.ref), ("65535", READ, 0xffff, desc.ref),
                ("none", READ, 0, desc.ref), ("of a flush", FLUSH, 1, desc.ref),
                ("of a discard", DISCARD, 1, desc.ref), ("of itself", INDIRECT, 1, desc.ref),
                ("of what was never granted", WRITE, 1, 0x3ffffff)):
            refused(ring, f"indirect, {what}", lambda c=code, n=number, r=ref:
                    ring.indirect(c, 0, n, r))
        for what, seg in (("first above last", (ring.data.ref, 5, 4)),
                          ("last of 8", (ring.data.ref, 0, 8)),
                          ("reference never granted", (0x3ffffff, 0, 7))):
            desc.mem[:8] = struct.pack("<IBBH", *seg, 0)
            refused(ring, f"indirect, {what}", lambda: ring.indirect(WRITE, 0, 1, desc.ref))
    finally:
        desc.close()
        other.close()


def refused(ring, what, func):
    """Is answered with an error, and the next request is served."""
    got = func()
    if got not in (ERROR, NOT_SUPPORTED):
        raise Late(f"{what}: status {got}")
    if ring.read(0, 1)[:5] != b"xenpv":
        raise Late(f"behind {what}: wrong data")


def junk(ring, size):
    """What no sound frontend asks for."""
    page = ring.page()
    for code in (RESERVED, 7, 0x7f, 0xff):
        refused(ring, f"operation {code}", lambda c=code: ring.ask(c, 0, page))
    for count in (12, 0xff):
        refused(ring, f"{count} segments", lambda n=count:
                ring.ask(WRITE, 0, *[page] * 11, count=n))
    for code in (READ, WRITE):
        refused(ring, "no segments", lambda c=code: ring.ask(c, 0))
    for first, last in ((5, 4), (0, 8), (8, 8), (0, 0xff), (0xff, 0)):
        refused(ring, f"sectors {first} to {last}", lambda f=first, n=last:
                ring.ask(WRITE, 0, ring.page(f, n)))
    for sector in (size - PAGE + 1, size, TOP - PAGE, TOP - 1):
        refused(ring, f"sector {sector}", lambda s=sector: ring.ask(WRITE, s, page))
        refused(ring, f"discard at {sector}", lambda s=sector: ring.discard(s, PAGE))
    for sectors in (0, size + 1, TOP - PAGE, TOP - 1):
        refused(ring, f"discard of {sectors}", lambda n=sectors: ring.discard(PAGE, n))
    refused(ring, "reference never granted", lambda: ring.ask(WRITE, 0, (0x3ffffff, 0, 7)))
    refused(ring, "one of two references never granted", lambda:
            ring.ask(READ, 0, page, (0x3ffffff, 0, 7)))


class Connected:
    """Our backend with such a frontend."""

    def __init__(self, abi):
        self.ring = Ring(abi)
        self.ring.disk = Disk(store, "xvdz", device, fake_front=True)

    def __enter__(self):
        disk, ring = self.ring.disk, self.ring
        disk.create()
        disk.wait(back=INITWAIT)
        store.write(disk.front, **ring.keys(), state=INITIALISED)
        disk.wait(back=CONNECTED)
        store.write(disk.front, state=CONNECTED)
        ring.write(0, b"xenpv" + bytes(507))
        return ring

    def __exit__(self, *_):
        self.ring.disk.vanish()
        store.remove(FAKE)
        self.ring.close()


def main():
    """Every case in both layouts."""
    with open(f"/sys/block/{os.path.basename(device)}/size", encoding="ascii") as text:
        size = int(text.read())
    for abi in ("x86_64-abi", "x86_32-abi"):
        with Connected(abi) as ring:
            case(f"{abi}: barriers", barriers, ring)
            case(f"{abi}: flush", empty_flush, ring)
            case(f"{abi}: discards", discards, ring)
            case(f"{abi}: secure discards that the disk cannot do", secure_discards, ring)
            case(f"{abi}: segments", parts, ring)
            case(f"{abi}: indirect segments", by_indirect, ring)
            case(f"{abi}: junk", junk, ring, size)


main()

# SPDX-License-Identifier: GPL-2.0
"""A frontend that is a program, with many requests at a time; for tests of blkback."""

import mmap
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lifecycle"))
from xenpeer import (CONNECTED, INITIALISED, INITWAIT, Disk, Frontend,  # noqa
                     Late, Store, until)

DISCARD, INDIRECT = 5, 6
OKAY, ERROR = 0, -1
PAGE = 8        # sectors
DRIVER = "/sys/bus/xen-backend/drivers/vbd"
DEBUGFS = "/sys/kernel/debug/xenpv/xen-blkback"
PARAMETERS = "/sys/module/xen_blkback/parameters"


def put_text(path, text):
    """Writes a file of sysfs."""
    with open(path, "w", encoding="ascii") as file:
        file.write(str(text))


def sys_dir(device):
    """Where sysfs has a disk."""
    number = os.stat(device).st_rdev
    return f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"


def disk_stat(device, field):
    """A field of the disk's stat."""
    with open(f"{sys_dir(device)}/stat", encoding="ascii") as stat:
        return int(stat.read().split()[field])


def on_disk(device, sector, count=PAGE):
    """What the disk itself has."""
    handle = os.open(device, os.O_RDONLY | os.O_DIRECT)
    try:
        with mmap.mmap(-1, count * 512) as page:
            os.preadv(handle, [page], sector * 512)
            return page[:]
    finally:
        os.close(handle)


class Suspended:
    """A device of dmsetup's that keeps what it is asked for until it is resumed."""

    def __init__(self, device):
        self.device = device

    def __enter__(self):
        subprocess.run(["dmsetup", "suspend", self.device], check=True)
        return self

    def resume(self):
        """Lets all of it go on."""
        subprocess.run(["dmsetup", "resume", self.device], check=True)

    def __exit__(self, *_):
        self.resume()


class Peer(Frontend):
    """Requests are put into the ring, and shown to the backend all at once."""

    def put(self, code, sector, *segs):
        """A read or write of our page, or of segments (reference, first, last)."""
        segs = segs or ((self.data.ref, 0, PAGE - 1),)
        body = b"".join(struct.pack("<IBBH", *seg, 0) for seg in segs)
        return self._put_slot(struct.pack("<BBH", code, len(segs), 0), sector, body)

    def put_discard(self, sector, sectors):
        """A discard."""
        return self._put_slot(struct.pack("<BBH", DISCARD, 0, 0), sector,
                              struct.pack("<Q", sectors))

    def put_indirect(self, code, sector, count, desc):
        """One whose segments are in a page of their own."""
        return self._put_slot(struct.pack("<BBH", INDIRECT, code, count), sector,
                              struct.pack("<HHI", 0, 0, desc))

    def _put_slot(self, start, sector, body):
        at = 64 + self.sent % 32 * self.slot
        mem = self.ring.mem
        ident = self.sent + 0x5566778800000000
        mem[at:at + self.slot] = bytes(self.slot)
        mem[at:at + len(start)] = start
        struct.pack_into("<QQ", mem, at + self.at_id, ident, sector)
        mem[at + self.at_segs:at + self.at_segs + len(body)] = body
        self.sent += 1
        return ident

    def show(self):
        """The backend sees what was put."""
        self._put(0, self.sent)
        self.notify()

    def answers(self, idents, seconds=10):
        """The statuses of these requests, in the order in which they are named."""
        got = {}
        while len(got) < len(idents):
            ident, _, status = self.answer(seconds)
            got[ident] = status
        if set(got) != set(idents):
            raise Late(f"answers to {sorted(got)}, not to {sorted(idents)}")
        return [got[ident] for ident in idents]

    def ask(self, code, sector):
        """One request; fails where its status is not OKAY."""
        ident = self.put(code, sector)
        self.show()
        want([OKAY], self.answers([ident]), f"request {code} at {sector}")


def want(right, got, what):
    """Fails where something is not so."""
    if got != right:
        raise Late(f"{what}: {got}, not {right}")


class Backend(Disk):
    """A disk whose backend is ours and whose frontend is a Peer for each queue."""

    def __init__(self, store, vdev, device, queues=1):
        super().__init__(store, vdev, device, fake_front=True)
        self.peers = [Peer() for _ in range(queues)]

    def __enter__(self):
        self.create()
        return self

    def __exit__(self, *_):
        self.vanish(30)
        for peer in self.peers:
            peer.close()

    def connect(self, **keys):
        """As a frontend does, for the first time or again."""
        self.wait(back=INITWAIT)
        if len(self.peers) == 1:
            keys |= self.peers[0].keys()
        else:
            keys |= {"multi_queue_num_queues": len(self.peers),
                     "protocol": self.peers[0].abi}
            for i, peer in enumerate(self.peers):
                keys |= {f"queue_{i}/ring_ref": peer.ring.ref,
                         f"queue_{i}/event_channel": peer.port}
        self.store.write(self.front, **keys, state=INITIALISED)
        self.wait(back=CONNECTED)
        self.store.write(self.front, state=CONNECTED)

    def name(self):
        """As xenbus and debugfs have it."""
        return f"vbd-0-{self.devid}"

    def unbind(self):
        """What is under way may end in the background, after five seconds."""
        put_text(f"{DRIVER}/unbind", self.name())

    def serves(self):
        """Whether it has a thread."""
        return not subprocess.run(["pgrep", f"^0\\.{self.vdev}-"], check=False,
                                  stdout=subprocess.DEVNULL).returncode

    def bind(self):
        """Gives it a driver again, once the last one is through with it."""
        until("the last driver is through", lambda: not self.serves())
        put_text(f"{DRIVER}/bind", self.name())

    def says(self, file, line):
        """The text behind "LINE:" in a file of debugfs."""
        with open(f"{DEBUGFS}/{self.name()}/{file}", encoding="ascii") as text:
            for found in text:
                if found.strip().startswith(f"{line}:"):
                    return found.split(":", 1)[1].strip()
        return None

# SPDX-License-Identifier: GPL-2.0
"""The other half of a disk, played by a program in dom0: xenstore written in any
order, and a frontend's ring and event channel made with gntalloc and evtchn."""

import ctypes
import fcntl
import glob
import mmap
import os
import select
import struct
import sys
import time

sys.path[:0] = glob.glob("/usr/lib/xen-*/lib/python")
from xen.lowlevel import xs  # pylint: disable=wrong-import-position,import-error

UNKNOWN, INITIALISING, INITWAIT, INITIALISED, CONNECTED, CLOSING, CLOSED = range(7)
# Peers whose directories no driver looks at: only "frontend" and "backend" lead there.
FAKE = "/local/domain/0/fake"
# A busy machine is that many times slower.
FACTOR = int(os.environ.get("XENPV_TIME_FACTOR") or 1)


class Late(Exception):
    """Something did not happen in time."""


def until(what, cond, seconds=20):
    """Waits for a condition; what it is for the message."""
    end = time.monotonic() + seconds
    while not cond():
        if time.monotonic() > end:
            raise Late(f"not within {seconds} s: {what}")
        time.sleep(0.03)


class Store:
    """xenstore, a transaction per call."""

    def __init__(self):
        self.handle = xs.xs()

    def read(self, path):
        """A node's text, or None."""
        value = self.handle.read("", path)
        return value.decode() if isinstance(value, bytes) else value

    def state(self, path):
        """A directory's state, 0 where there is none, -1 where it is no number."""
        text = self.read(f"{path}/state") or "0"
        return int(text) if text.isdigit() else -1

    def write(self, path, **nodes):
        """Writes nodes of a directory at once; "_" in names stands for "-"."""
        self.write_all({path: nodes})

    def write_all(self, dirs):
        """The same for several directories, in one transaction."""
        while True:
            trans = self.handle.transaction_start()
            for path, nodes in dirs.items():
                for name, value in nodes.items():
                    self.handle.write(trans, f"{path}/{name.replace('_', '-')}", str(value))
            try:
                if self.handle.transaction_end(trans):
                    return
            except xs.Error as err:
                if err.args[0] != 11:       # EAGAIN: somebody else wrote
                    raise

    def remove(self, *paths):
        """Removes directories, missing ones too."""
        for path in paths:
            try:
                self.handle.rm("", path)
            except xs.Error:
                pass

    def remove_empty(self, path):
        """Removes a directory where nothing is in it."""
        if self.handle.ls("", path) == []:
            self.remove(path)


def devid(vdev):
    """xvdX's number in xenstore."""
    letter = ord(vdev[3]) - ord("a")
    return 202 * 256 + letter * 16 if letter < 16 else (1 << 28) + letter * 256


class Disk:
    """What the toolstack writes for one disk of dom0 itself. Either end may be a fake."""

    def __init__(self, store, vdev, device, fake_front=False, fake_back=False):
        self.store, self.vdev, self.device = store, vdev, device
        self.devid = devid(vdev)
        top = "/local/domain/0"
        self.front = f"{FAKE if fake_front else top}/device/vbd/{self.devid}"
        self.back = f"{FAKE if fake_back else top}/backend/vbd/0/{self.devid}"
        self.has = []
        if not fake_front:
            self.has.append(f"/sys/devices/vbd-{self.devid}")
        if not fake_back:
            self.has.append(f"/sys/devices/vbd-0-{self.devid}")

    def back_nodes(self):
        """What xl writes for the backend, and its hotplug script."""
        number = os.stat(self.device).st_rdev if self.device else 0
        return {"frontend": self.front, "frontend_id": 0, "online": 1, "removable": 0,
                "bootable": 1, "dev": self.vdev, "type": "phy", "mode": "w",
                "device_type": "disk", "params": self.device or "",
                "physical_device": f"{os.major(number):x}:{os.minor(number):x}",
                "hotplug_status": "connected", "state": INITIALISING}

    def front_nodes(self):
        """What xl writes for the frontend."""
        return {"backend": self.back, "backend_id": 0, "virtual_device": self.devid,
                "device_type": "disk", "state": INITIALISING}

    def create(self, front=None, back=None):
        """Both at once, as xenbus wants it; with other values where said."""
        self.store.write_all({self.front: self.front_nodes() | (front or {}),
                              self.back: self.back_nodes() | (back or {})})

    def states(self):
        """(frontend's, backend's)"""
        return self.store.state(self.front), self.store.state(self.back)

    def wait(self, front=None, back=None, seconds=20):
        """Until the states are so; None is any."""
        def right():
            now = self.states()
            return front in (None, now[0]) and back in (None, now[1])
        try:
            until(f"states {front}/{back}", right, seconds)
        except Late as late:
            raise Late(f"{late}; they are {self.states()}") from None

    def node(self):
        """The frontend's block device."""
        return f"/dev/{self.vdev}"

    def appear(self):
        """Until the disk can be used."""
        self.wait(CONNECTED, CONNECTED)
        until(self.node(), lambda: os.path.exists(f"/sys/block/{self.vdev}/size"))

    def ask_to_detach(self):
        """What xl block-detach writes."""
        self.store.write(self.back, online=0, state=CLOSING)

    def vanish(self, seconds=20):
        """Removes both directories and waits until the kernel has noticed."""
        self.store.remove(self.front, self.back)
        self.store.remove_empty(os.path.dirname(self.front))
        until(f"{self.vdev} gone from sysfs",
              lambda: not any(os.path.exists(path) for path in self.has), seconds)

    def detach(self):
        """All of it, cleanly."""
        self.ask_to_detach()
        self.wait(CLOSED, CLOSED)
        self.vanish()


class Grant:
    """A page of ours that dom0's drivers may map."""

    def __init__(self):
        # domid, flags (1: writable), count, index, gref; padded to 24
        arg = bytearray(struct.pack("HHIQII", 0, 1, 1, 0, 0, 0))
        self.file = os.open("/dev/xen/gntalloc", os.O_RDWR)
        fcntl.ioctl(self.file, 24 << 16 | ord("G") << 8 | 5, arg)
        index, self.ref = struct.unpack_from("QI", arg, 8)
        self.mem = mmap.mmap(self.file, 4096, offset=index)

    def close(self):
        """Revokes it as soon as nobody has it mapped."""
        self.mem.close()
        os.close(self.file)


# ABI: request's id, sector, segments at; response's and slot's size
LAYOUT = {"x86_32-abi": (4, 12, 20, 12, 108), "x86_64-abi": (8, 16, 24, 16, 112)}
READ, WRITE, FLUSH = 0, 1, 3


class Frontend:
    """A frontend's ring of one page and its event channel."""

    def __init__(self, abi="x86_64-abi"):
        self.abi = abi
        self.at_id, self.at_sector, self.at_segs, self.rsp_size, slot = LAYOUT[abi]
        self.slot = slot
        self.ring, self.data = Grant(), Grant()
        self.port_file = os.open("/dev/xen/evtchn", os.O_RDWR)
        self.port = fcntl.ioctl(self.port_file, 4 << 16 | ord("E") << 8 | 2,
                                bytearray(4))
        self.reset()

    def reset(self):
        """A ring as new: ask for events from the first entry on."""
        self.ring.mem[:] = bytes(4096)
        self._put(4, 1)
        self._put(12, 1)
        self.sent = self.seen = 0

    # One aligned store or load, as the other side looks at the same moment.
    def _word(self, at):
        return ctypes.c_uint32.from_buffer(self.ring.mem, at)

    def _put(self, at, value):
        self._word(at).value = value & 0xffffffff

    def keys(self):
        """What a frontend writes into its directory."""
        return {"ring_ref": self.ring.ref, "event_channel": self.port, "protocol": self.abi}

    def notify(self):
        """Kicks the backend."""
        fcntl.ioctl(self.port_file, 4 << 16 | ord("E") << 8 | 4,
                    bytearray(struct.pack("I", self.port)))

    def push(self, code, sector, count=8, ident=None):
        """One request for up to a page, without waiting."""
        at = 64 + self.sent % 32 * self.slot
        mem = self.ring.mem
        segs = 0 if code == FLUSH else 1
        ident = self.sent + 0x1122334400000000 if ident is None else ident
        mem[at:at + self.slot] = bytes(self.slot)
        struct.pack_into("<BBH", mem, at, code, segs, self.port & 0xffff)
        struct.pack_into("<Q", mem, at + self.at_id, ident)
        struct.pack_into("<Q", mem, at + self.at_sector, sector)
        if segs:
            struct.pack_into("<IBB", mem, at + self.at_segs, self.data.ref, 0, count - 1)
        self.sent += 1
        self._put(0, self.sent)
        self.notify()
        return ident

    def answer(self, seconds=10):
        """The next response: (id, operation, status)."""
        end = time.monotonic() + seconds * FACTOR
        while self._word(8).value == self.seen & 0xffffffff:
            self._put(12, self.seen + 1)
            ready = select.select([self.port_file], [], [], 0.05)[0]
            if ready:       # read and unmask again
                os.write(self.port_file, os.read(self.port_file, 4))
            if time.monotonic() > end:
                raise Late(f"no response within {seconds} s")
        at = 64 + self.seen % 32 * (self.slot if self.slot > self.rsp_size else self.rsp_size)
        self.seen += 1
        mem = self.ring.mem
        return (*struct.unpack_from("<QB", mem, at), *struct.unpack_from("<h", mem, at + 10))

    def io(self, code, sector, count=8):
        """One request and its response; fails where they do not belong together."""
        ident = self.push(code, sector, count)
        got = self.answer()
        if got != (ident, code, 0):
            raise Late(f"request {(ident, code)}: response {got}")

    def write(self, sector, data):
        """Up to a page to the disk."""
        self.data.mem[:len(data)] = data
        self.io(WRITE, sector, len(data) // 512)

    def read(self, sector, count=8):
        """Up to a page from the disk."""
        self.data.mem[:] = b"\xee" * 4096
        self.io(READ, sector, count)
        return self.data.mem[:count * 512]

    def close(self):
        """Everything back."""
        self.ring.close()
        self.data.close()
        os.close(self.port_file)


def case(name, func, *args):
    """One line of TAP, for tap_from of lib.sh."""
    start = time.monotonic()
    try:
        func(*args)
        print(f"ok - {name}", flush=True)
    except Exception as err:  # pylint: disable=broad-except
        print(f"not ok - {name}\n{type(err).__name__}: {err}", flush=True)
    print(f"{time.monotonic() - start:.1f} s", flush=True)

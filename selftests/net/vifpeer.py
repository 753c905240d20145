# SPDX-License-Identifier: GPL-2.0
"""A network frontend of dom0 itself, played by a program, against our backend."""

import os
import select
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lifecycle"))
from xenpeer import (CLOSED, CLOSING, CONNECTED, FACTOR, FAKE, INITIALISING, INITWAIT,  # noqa
                     Frontend, Late, Store, case, until)

HANDLE = 77
FRONT = f"{FAKE}/device/vif/{HANDLE}"
BACK = f"/local/domain/0/backend/vif/0/{HANDLE}"
SYS = f"/sys/devices/vif-0-{HANDLE}"
NAME = f"vif0.{HANDLE}"
SLOTS = 256
MASK = 0xffffffff
store = Store()

# Of netif.h: flags and answers of what a guest transmits.
MORE_DATA, EXTRA_INFO = 4, 8
EXTRA_GSO, EXTRA_HASH, EXTRA_MORE = 1, 4, 1
OKAY, ERROR, NULL = 0, -1, 1


class Ring(Frontend):
    """A ring with slots of so many bytes; its parent has the page and the port."""

    def __init__(self, slot, slots=SLOTS):
        super().__init__()
        self.slot, self.slots = slot, slots

    def put(self, entry):
        """One request, shown to nobody yet."""
        at = 64 + self.sent % self.slots * self.slot
        self.ring.mem[at:at + len(entry)] = entry
        self.sent += 1

    def show(self, index=None):
        """Shows them to the backend, or a lie."""
        self._put(0, self.sent if index is None else index)
        self.notify()

    def take(self, fmt, seconds=10):
        """The next response, unpacked."""
        end = time.monotonic() + seconds * FACTOR
        while self._word(8).value == self.seen & 0xffffffff:
            self._put(12, self.seen + 1)
            if select.select([self.port_file], [], [], 0.05)[0]:
                os.write(self.port_file, os.read(self.port_file, 4))
            if time.monotonic() > end:
                raise Late(f"no response within {seconds} s")
        at = 64 + self.seen % self.slots * self.slot
        self.seen += 1
        return struct.unpack_from(fmt, self.ring.mem, at)

    def answered(self):
        """How many responses there have been."""
        return self._word(8).value

    def refill(self):
        """Shows what is in the ring once more, as much as there is room for, with an event
        where one is asked for."""
        old, new = self._word(0).value, (self.answered() + self.slots) & MASK
        self._put(0, new)
        if (new - self._word(4).value) & MASK < (new - old) & MASK:
            self.notify()


class Sender(Ring):
    """What the guest transmits: out of its one page of data."""

    def __init__(self):
        super().__init__(12)

    def add(self, size, offset=0, flags=0):
        """A slot of a packet; the first one's size is the packet's."""
        self.put(struct.pack("<IHHHH", self.data.ref, offset, flags, self.sent & 0xffff, size))

    def extra(self, kind, flags=0, payload=b""):
        """An extra info."""
        self.put(struct.pack("<BB6s", kind, flags, payload))

    def status(self, seconds=3):
        """The next response's status."""
        return self.take("<Hh", seconds)[1]


class Receiver(Ring):
    """What the guest receives: all of it into its one page of data."""

    def __init__(self):
        super().__init__(8)

    def post(self, number):
        """So many slots, shown to nobody yet."""
        for _ in range(number):
            self.put(struct.pack("<HHI", self.sent & 0xffff, 0, self.data.ref))


class Vif:
    """Such a device from its beginning to its end; one event channel for both rings of a queue."""

    def __init__(self, queues=1, ctrl=None):
        self.ctrl = ctrl
        self.send = [Sender() for _ in range(queues)]
        self.receive = [Receiver() for _ in range(queues)]
        for send, receive in zip(self.send, self.receive):
            receive.notify = send.notify

    def ends(self):
        """All that has a page and a port."""
        return self.send + self.receive + ([self.ctrl] if self.ctrl else [])

    def keys(self, **more):
        """What the frontend writes."""
        nodes = {"request_rx_copy": 1, "feature_rx_notify": 1, "feature_sg": 1}
        if self.ctrl:
            nodes |= {"ctrl_ring_ref": self.ctrl.ring.ref, "event_channel_ctrl": self.ctrl.port}
        if len(self.send) > 1:
            nodes["multi_queue_num_queues"] = len(self.send)
        for queue, (send, receive) in enumerate(zip(self.send, self.receive)):
            where = f"queue_{queue}/" if len(self.send) > 1 else ""
            nodes |= {f"{where}tx_ring_ref": send.ring.ref,
                      f"{where}rx_ring_ref": receive.ring.ref,
                      f"{where}event_channel": send.port}
        return nodes | more

    def wait(self, state):
        """Until the backend is in that state."""
        try:
            until(f"backend state {state}", lambda: store.state(BACK) == state)
        except Late as late:
            raise Late(f"{late}; it is {store.state(BACK)}") from None

    def connect(self, **more):
        """Rings as new, and the handshake."""
        for end in self.ends():
            end.reset()
        store.write(FRONT, **self.keys(**more), state=CONNECTED)

    def again(self):
        """Closes and connects anew."""
        store.write(FRONT, state=CLOSING)
        self.wait(CLOSING)
        store.write(FRONT, state=CLOSED)
        self.wait(CLOSED)
        store.write(FRONT, state=INITIALISING)
        self.wait(INITWAIT)
        self.connect()
        self.wait(CONNECTED)

    def __enter__(self):
        store.write_all({
            FRONT: {"backend": BACK, "backend_id": 0, "handle": HANDLE, "state": INITIALISING},
            BACK: {"frontend": FRONT, "frontend_id": 0, "handle": HANDLE, "online": 1,
                   "mac": "00:16:3e:00:00:77", "hotplug_status": "connected",
                   "state": INITIALISING}})
        self.wait(INITWAIT)
        return self

    def __exit__(self, *_):
        store.remove(FRONT, BACK)
        until("gone from sysfs", lambda: not os.path.exists(SYS))
        store.remove(FAKE)
        parent = os.path.dirname(BACK)
        store.remove_empty(parent)
        store.remove_empty(os.path.dirname(parent))
        for end in self.ends():
            end.close()


def closing():
    """Until the backend has given up."""
    until("the backend closes", lambda: store.state(BACK) in (CLOSING, CLOSED))

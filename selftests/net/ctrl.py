#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ctrl.py: the cases of ctrl.sh. A network frontend of dom0 itself, of which only
the control ring is of interest, against our backend."""

import os
import select
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lifecycle"))
from xenpeer import (CLOSED, CLOSING, CONNECTED, FACTOR, FAKE, INITIALISING, INITWAIT,  # noqa
                     Frontend, Grant, Late, Store, case, until)

OK, NOT_SUPPORTED, INVALID, OVERFLOW = range(4)
GET_FLAGS, SET_FLAGS, SET_KEY, GET_SIZE, SET_SIZE, SET_MAPPING, SET_ALG = range(1, 8)
TOEPLITZ = 1
SLOTS = 128
HANDLE = 77
QUEUES = 2
FRONT = f"{FAKE}/device/vif/{HANDLE}"
BACK = f"/local/domain/0/backend/vif/0/{HANDLE}"
SYS = f"/sys/devices/vif-0-{HANDLE}"
DEBUG = f"/sys/kernel/debug/xen-netback/vif0.{HANDLE}/ctrl"
store = Store()


class Ring(Frontend):
    """The control ring; its parent knows rings and ports."""

    def __init__(self):
        super().__init__()
        self.slot = 16

    def push(self, code, *data):  # pylint: disable=arguments-differ
        """One message, shown to nobody yet."""
        at = 64 + self.sent % SLOTS * 16
        data += (0,) * (3 - len(data))
        struct.pack_into("<HHIII", self.ring.mem, at, self.sent & 0xffff, code, *data)
        self.sent += 1

    def show(self, index=None):
        """Shows them to the backend, or a lie."""
        self._put(0, self.sent if index is None else index)
        self.notify()

    def answer(self, seconds=10):
        """The next response: (id, type, status, data)."""
        end = time.monotonic() + seconds * FACTOR
        while self._word(8).value == self.seen & 0xffffffff:
            self._put(12, self.seen + 1)
            if select.select([self.port_file], [], [], 0.05)[0]:
                os.write(self.port_file, os.read(self.port_file, 4))
            if time.monotonic() > end:
                raise Late(f"no response within {seconds} s")
        at = 64 + self.seen % SLOTS * 16
        self.seen += 1
        return struct.unpack_from("<HHII", self.ring.mem, at)

    def ask(self, code, *data):
        """One message; (status, data)."""
        ident = self.sent & 0xffff
        self.push(code, *data)
        self.show()
        got = self.answer()
        if got[:2] != (ident, code):
            raise Late(f"message {(ident, code)}: response {got}")
        return got[2:]

    def want(self, status, code, *data):
        """One message and the status it has to get."""
        got = self.ask(code, *data)
        if got[0] != status:
            raise Late(f"message {code} {data}: status {got[0]}, not {status}")
        return got[1]

    def table(self, *queues):
        """The page's contents."""
        self.data.mem[:] = b"\xff" * 4096
        struct.pack_into(f"<{len(queues)}I", self.data.mem, 0, *queues)


class Vif:
    """Such a device from its beginning to its end."""

    def __init__(self):
        self.ring = Ring()
        self.others = [Frontend() for _ in range(2 * QUEUES)]

    def keys(self, **more):
        """What the frontend writes."""
        nodes = {"request_rx_copy": 1, "feature_rx_notify": 1, "feature_sg": 1,
                 "multi_queue_num_queues": QUEUES, "ctrl_ring_ref": self.ring.ring.ref,
                 "event_channel_ctrl": self.ring.port}
        for queue in range(QUEUES):
            send, receive = self.others[2 * queue:2 * queue + 2]
            nodes |= {f"queue_{queue}/tx_ring_ref": send.ring.ref,
                      f"queue_{queue}/rx_ring_ref": receive.ring.ref,
                      f"queue_{queue}/event_channel": send.port}
        return nodes | more

    def wait(self, state):
        """Until the backend is in that state."""
        try:
            until(f"backend state {state}", lambda: store.state(BACK) == state)
        except Late as late:
            raise Late(f"{late}; it is {store.state(BACK)}") from None

    def connect(self, **more):
        """Rings as new, and the handshake."""
        self.ring.reset()
        for other in self.others:
            other.reset()
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
        for end in [self.ring, *self.others]:
            end.close()


def offered():
    """The feature is there, and all seven messages do what they are for."""
    with Vif() as vif:
        if store.read(f"{BACK}/feature-ctrl-ring") != "1":
            raise Late("no feature-ctrl-ring")
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ring
        ring.want(NOT_SUPPORTED, GET_FLAGS)
        ring.want(INVALID, SET_FLAGS, 15)
        ring.want(OK, SET_ALG, TOEPLITZ)
        if ring.want(OK, GET_FLAGS) != 15 or ring.want(OK, GET_SIZE) != 128:
            raise Late("other types than 15, or another size than 128")
        ring.data.mem[:] = bytes(range(256)) * 16
        ring.want(OK, SET_KEY, ring.data.ref, 40)
        ring.want(OK, SET_SIZE, 128)
        ring.table(*[1] * 128)
        ring.want(OK, SET_MAPPING, ring.data.ref, 100)
        ring.want(OK, SET_MAPPING, ring.data.ref, 28, 100)
        ring.want(OK, SET_FLAGS, 15)
        with open(DEBUG, encoding="ascii") as file:
            text = file.read()
        print(text)
        if "TOEPLITZ" not in text or "26 27" not in text or text.count("    1") < 128:
            raise Late("debugfs says otherwise")
        vif.again()
        ring.want(NOT_SUPPORTED, GET_FLAGS)


def refusals():
    """What a frontend must not say, and may not have."""
    with Vif() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ring
        page = ring.data.ref
        none = 0xfffffff0       # no such reference
        ring.want(OK, SET_ALG, TOEPLITZ)
        ring.want(OK, SET_FLAGS, 15)
        ring.want(OK, SET_SIZE, 128)
        ring.table(*[0] * 127, QUEUES)
        for status, *message in [
                (INVALID, SET_ALG, 2), (INVALID, SET_ALG, 255), (INVALID, SET_FLAGS, 16),
                (INVALID, SET_FLAGS, 0x80000001), (OVERFLOW, SET_KEY, page, 41),
                (OVERFLOW, SET_KEY, page, 0xffffffff), (INVALID, SET_KEY, none, 40),
                (INVALID, SET_SIZE, 129), (INVALID, SET_SIZE, 0xffffffff),
                (INVALID, SET_MAPPING, page, 1, 0xffffffff), (INVALID, SET_MAPPING, page, 2, 127),
                (OVERFLOW, SET_MAPPING, page, 0x10001, 0), (INVALID, SET_MAPPING, none, 1, 0),
                (OVERFLOW, SET_MAPPING, page, 0xffffffff, 1), (INVALID, SET_MAPPING, page, 128, 0),
                (OK, SET_MAPPING, page, 127, 0), (OK, SET_MAPPING, none, 0, 128),
                (OK, SET_KEY, none, 0), (NOT_SUPPORTED, 0), (NOT_SUPPORTED, 8),
                (NOT_SUPPORTED, 9, page, 1), (NOT_SUPPORTED, 10), (NOT_SUPPORTED, 0xffff)]:
            ring.want(status, *message)
        ring.table(0xffffffff)
        ring.want(INVALID, SET_MAPPING, page, 1, 0)


def flood():
    """A full ring again and again, hashing on and off with each message."""
    with Vif() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ring
        ring.want(OK, SET_ALG, TOEPLITZ)
        for _ in range(4):
            for i in range(SLOTS):
                ring.push(SET_FLAGS, 15 * (i & 1))
            ring.show()
            for i in range(SLOTS):
                if ring.answer(60)[2] != OK:
                    raise Late(f"message {i} of a full ring refused")
        ring.want(OK, GET_FLAGS)


def lie(index):
    """An index that cannot be: shut, and nothing else suffers."""
    with Vif() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        vif.ring.want(OK, GET_SIZE)
        vif.ring.show(vif.ring.sent + index)
        closing()


def closing():
    """Until the backend has given up."""
    until("the backend closes", lambda: store.state(BACK) in (CLOSING, CLOSED))


def keys_wrong(**more):
    """A ring that cannot be attached: the device closes."""
    with Vif() as vif:
        vif.connect(**more)
        closing()


def patient(*command):
    """A command that has to fail without waiting for the backend: it holds RTNL."""
    start = time.monotonic()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                            timeout=30 * FACTOR, check=False).returncode
    seconds = time.monotonic() - start
    print(f"{' '.join(command)}: status {status} after {seconds:.1f} s")
    if not status or seconds > 3 * FACTOR:
        raise Late(f"{' '.join(command)}: status {status} after {seconds:.1f} s")


def complaints():
    """How often the frontend has complained of a silent backend."""
    log = subprocess.run("dmesg", stdout=subprocess.PIPE, text=True, check=True).stdout
    return log.count(f"vif-{HANDLE + 1}: the backend has not answered control message")


def silent_backend():
    """Our frontend and a backend that has a control ring and serves nothing."""
    front = f"/local/domain/0/device/vif/{HANDLE + 1}"
    back = f"{FAKE}/backend/vif/0/{HANDLE + 1}"
    sysfs = f"/sys/devices/vif-{HANDLE + 1}"
    store.write_all({
        front: {"backend": back, "backend_id": 0, "handle": HANDLE + 1,
                "mac": "00:16:3e:00:00:78", "state": INITIALISING},
        back: {"frontend": front, "frontend_id": 0, "feature_rx_copy": 1,
               "feature_ctrl_ring": 1, "state": INITWAIT}})
    try:
        until("the frontend is connected", lambda: store.state(front) == CONNECTED)
        if not store.read(f"{front}/ctrl-ring-ref") or \
                not store.read(f"{front}/event-channel-ctrl"):
            raise Late("the frontend has published no control ring")
        store.write(back, state=CONNECTED)
        name = os.listdir(f"{sysfs}/net")[0]
        patient("ethtool", "-x", name)
        patient("ethtool", "-X", name, "hkey", ":".join(["11"] * 40))
        patient("ethtool", "-n", name, "rx-flow-hash", "tcp4")
        until("one line in the log about it", lambda: complaints() == 1, 20 * FACTOR)
    finally:
        store.remove(front, back)
        until("gone from sysfs", lambda: not os.path.exists(sysfs))
        store.remove(FAKE)


case("all seven messages, and nothing kept for the next connection", offered)
case("what is refused, and how", refusals)
case("a full ring of messages, again and again", flood)
case("an index too far ahead", lie, SLOTS + 1)
case("an index far behind", lie, -5)
case("a ring that is not there", lambda: keys_wrong(ctrl_ring_ref=0xfffffff0))
case("a port that is no number", lambda: keys_wrong(event_channel_ctrl="x"))
case("a backend that does not answer", silent_backend)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""ctrl.py: the cases of ctrl.sh. A network frontend of dom0 itself, of which only
the control ring is of interest, against our backend."""

import os
import struct
import subprocess
import time

from vifpeer import (BACK, CONNECTED, FACTOR, FAKE, HANDLE, INITIALISING, INITWAIT, Late, Ring, Vif,
                     case, closing, store, until)

OK, NOT_SUPPORTED, INVALID, OVERFLOW = range(4)
GET_FLAGS, SET_FLAGS, SET_KEY, GET_SIZE, SET_SIZE, SET_MAPPING, SET_ALG = range(1, 8)
TOEPLITZ = 1
SLOTS = 128
QUEUES = 2
DEBUG = f"/sys/kernel/debug/xen-netback/vif0.{HANDLE}/ctrl"
# The short tier: fewer rounds of the same.
DEEP = os.environ.get("TIER", "deep") == "deep"


class Ctrl(Ring):
    """The control ring."""

    def __init__(self):
        super().__init__(16, SLOTS)

    def say(self, code, *data):
        """One message, shown to nobody yet."""
        self.put(struct.pack("<HHIII", self.sent & 0xffff, code, *data, *(0,) * (3 - len(data))))

    def answer(self, seconds=10):
        """The next response: (id, type, status, data)."""
        return self.take("<HHII", seconds)

    def ask(self, code, *data):
        """One message; (status, data)."""
        ident = self.sent & 0xffff
        self.say(code, *data)
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


def vif_with_ctrl():
    """A device with two queues and a control ring."""
    return Vif(QUEUES, Ctrl())


def offered():
    """The feature is there, and all seven messages do what they are for."""
    with vif_with_ctrl() as vif:
        if store.read(f"{BACK}/feature-ctrl-ring") != "1":
            raise Late("no feature-ctrl-ring")
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ctrl
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
    with vif_with_ctrl() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ctrl
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
    with vif_with_ctrl() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        ring = vif.ctrl
        ring.want(OK, SET_ALG, TOEPLITZ)
        for _ in range(4 if DEEP else 1):
            for i in range(SLOTS):
                ring.say(SET_FLAGS, 15 * (i & 1))
            ring.show()
            for i in range(SLOTS):
                if ring.answer(60)[2] != OK:
                    raise Late(f"message {i} of a full ring refused")
        ring.want(OK, GET_FLAGS)


def lie(index):
    """An index that cannot be: shut, and nothing else suffers."""
    with vif_with_ctrl() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        vif.ctrl.want(OK, GET_SIZE)
        vif.ctrl.show(vif.ctrl.sent + index)
        closing()


def keys_wrong(**more):
    """A ring that cannot be attached: the device closes."""
    with vif_with_ctrl() as vif:
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
        if DEEP:
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

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""slots.py: the cases of slots.sh. Packets of a guest that do not add up, each
followed by one that does."""

import socket
import struct
import subprocess

from vifpeer import (CONNECTED, ERROR, EXTRA_GSO, EXTRA_HASH, EXTRA_INFO, EXTRA_MORE, FACTOR,
                     MORE_DATA, NAME, NULL, OKAY, Late, Vif, case, closing, BACK, store)

# An Ethernet type for experiments, which nobody answers.
TYPE = 0x88b5
HEADER = b"\xff" * 6 + bytes.fromhex("00163e000077") + struct.pack(">H", TYPE)


class Guest(Vif):
    """Such a frontend, connected, and a look at what arrives in dom0."""

    def __enter__(self):
        super().__enter__()
        self.connect()
        self.wait(CONNECTED)
        subprocess.run(["ip", "link", "set", NAME, "up"], check=True)
        # pylint: disable=attribute-defined-outside-init
        self.seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(TYPE))
        self.seen.bind((NAME, TYPE))
        self.seen.settimeout(10 * FACTOR)
        return self

    def __exit__(self, *args):
        self.seen.close()
        super().__exit__(*args)

    def answers(self, number):
        """The statuses of so many slots."""
        self.send[0].show()
        return [self.send[0].status() for _ in range(number)]

    def good(self, number):
        """An ordinary frame arrives as it is."""
        send = self.send[0]
        frame = HEADER + struct.pack(">I", number) * 21 + b"\0\0"
        send.data.mem[:len(frame)] = frame
        send.add(len(frame))
        got = self.answers(1)
        if got != [OKAY]:
            raise Late(f"an ordinary frame was answered with {got}")
        got = self.seen.recv(65536)
        if got != frame:
            raise Late(f"the frame arrived as {got.hex()}")


def counter(name):
    """One of the vif's statistics."""
    with open(f"/sys/class/net/{NAME}/statistics/{name}", encoding="ascii") as file:
        return int(file.read())


def lines(text):
    """How often dom0's log has it."""
    log = subprocess.run("dmesg", stdout=subprocess.PIPE, text=True, check=True).stdout
    return log.count(text)


def gso(size, kind):
    """Segments, as an extra info has them."""
    return struct.pack("<HBBH", size, kind, 0, 0)


def one_slot(size, offset=0):
    """A packet of one slot."""
    def add(send):
        send.add(size, offset)
        return [ERROR]
    return add


def several_slots(*slots):
    """A packet of several slots, (size, offset) each."""
    def add(send):
        for slot in slots[:-1]:
            send.add(*slot, flags=MORE_DATA)
        send.add(*slots[-1])
        return [ERROR] * len(slots)
    return add


def with_extras(*extras):
    """A packet with extra infos, (kind, payload) each, and a second slot."""
    def add(send):
        send.add(200, flags=EXTRA_INFO | MORE_DATA)
        for kind, payload in extras[:-1]:
            send.extra(kind, EXTRA_MORE, payload)
        send.extra(extras[-1][0], 0, extras[-1][1])
        send.add(100)
        return [ERROR] + [NULL] * len(extras) + [ERROR]
    return add


BAD = {
    "8900 bytes in one slot": one_slot(8900),
    "4096 bytes from 100 on": one_slot(4096, 100),
    "65535 bytes from 65535 on": one_slot(65535, 65535),
    "a further slot of 200 bytes from 4000 on": several_slots((300, 0), (200, 4000)),
    "the same, and more behind it": several_slots((600, 0), (200, 4000), (100, 0)),
    "slots that hold more than the packet": several_slots((300, 0), (400, 0)),
    "less than a header": one_slot(13),
    "nineteen slots": several_slots(*[(300, 0)] + [(10, 0)] * 18),
    "segments of no size": with_extras((EXTRA_GSO, gso(0, 1))),
    "segments of type 3": with_extras((EXTRA_GSO, gso(1448, 3))),
    "an extra info of type 9": with_extras((9, b"")),
    "the same among others": with_extras((EXTRA_HASH, b""), (9, b""), (EXTRA_HASH, b"")),
    "six extra infos": with_extras(*[(EXTRA_HASH, b"")] * 6),
    "a chain of 200": with_extras(*[(EXTRA_HASH, b"")] * 200),
}


def dropped(bad):
    """It is answered with errors and counted, and the next frames pass."""
    with Guest() as guest:
        guest.good(1)
        before = counter("rx_errors")
        want = bad(guest.send[0])
        got = guest.answers(len(want))
        if got != want:
            raise Late(f"answered with {got}")
        guest.good(2)
        guest.good(3)
        if counter("rx_errors") != before + 1:
            raise Late(f"rx_errors rose from {before} to {counter('rx_errors')}")
        if store.state(BACK) != CONNECTED:
            raise Late(f"the backend's state is {store.state(BACK)}")


def flood():
    """Two thousand of them: few lines, all counted, and the next frame passes."""
    with Guest() as guest:
        before = lines("crosses a page")
        for _ in range(10):
            for _ in range(200):
                guest.send[0].add(8900)
            if guest.answers(200) != [ERROR] * 200:
                raise Late("answered with something else than errors")
        guest.good(1)
        new = lines("crosses a page") - before
        print(f"{new} lines, rx_errors {counter('rx_errors')}")
        if not new or new > 100:
            raise Late(f"{new} lines in the log")
        if counter("rx_errors") != 2000:
            raise Late(f"rx_errors is {counter('rx_errors')}")


def fatal():
    """As many slots as nobody sends by mistake: shut."""
    with Guest() as guest:
        guest.good(1)
        several_slots(*[(300, 0)] + [(1, 0)] * 19)(guest.send[0])
        guest.send[0].show()
        closing()


for what, how in BAD.items():
    case(what, dropped, how)
case("many in a row", flood)
case("twenty slots shut the device", fatal)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""shared.py: the cases of shared.sh. A guest with one event channel for both of
its rings sends without pause, and posts slots meanwhile."""

import socket
import struct
import subprocess
import time

from vifpeer import CONNECTED, FACTOR, MASK, NAME, SLOTS, Late, Vif, case, until

TYPE = 0x88b5
FRAME = b"\xff" * 6 + bytes.fromhex("00163e000077") + struct.pack(">H", TYPE) + bytes(86)
# What is posted at first, and what is sent to the guest then.
FEW, MORE = 8, 12
# How long the flood lasts; a packet waits for 60 s, see shared.sh.
SECONDS = min(15 * FACTOR, 50)


def carrier():
    """Whether the guest is taken for one that reads."""
    with open(f"/sys/class/net/{NAME}/carrier", encoding="ascii") as file:
        return file.read().strip() == "1"


def flood(send, cond, seconds):
    """Keeps the transmit ring full until the condition holds; how long that took, or None."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        for _ in range(20):
            send.refill()
        if cond():
            return time.monotonic() - start
    return None


def posts():
    """Slots that are posted under a flood are used at once."""
    with Vif() as vif:
        vif.connect()
        vif.wait(CONNECTED)
        send, receive = vif.send[0], vif.receive[0]
        send.data.mem[:len(FRAME)] = FRAME
        for _ in range(SLOTS):
            send.add(len(FRAME))
        subprocess.run(["ip", "link", "set", NAME, "up"], check=True)
        receive.post(FEW)
        receive.show()
        until("a carrier", carrier)
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(TYPE)) as out:
            out.bind((NAME, TYPE))
            for _ in range(MORE):
                out.send(FRAME)
            until("the slots are used", lambda: receive.answered() == FEW)
            flood(send, lambda: False, 1)
            before = send.answered()
            receive.post(MORE)
            receive.show()
            took = flood(send, lambda: receive.answered() >= MORE, SECONDS)
        print(f"{(send.answered() - before) & MASK} frames were sent meanwhile; "
              f"{receive.answered()} of {MORE} arrived")
        if took is None:
            raise Late(f"not all arrived within {SECONDS} s")
        print(f"{took:.3f} s")


for number in range(2):
    case(f"slots posted while it sends, {number}", posts)

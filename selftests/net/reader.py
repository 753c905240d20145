#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""reader.py send ADDRESS PORT COUNT: COUNT datagrams, each with bytes of its own.
reader.py hold PORT COUNT FILE: gets them, leaves them where they are until FILE
exists, and then looks whether they are what was sent."""

import os
import socket
import sys
import time

SIZE = 1400
SO_RCVBUFFORCE = 33


def text(number):
    """The bytes of one."""
    return number.to_bytes(2, "big") * (SIZE // 2)


def send(address, port, count):
    """All of them, slowly enough for a ring."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for number in range(count):
        sock.sendto(text(number), (address, port))
        time.sleep(0.002)


def hold(port, count, file):
    """Status 1 where one is missing or other than it was."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    sock.bind(("", port))
    while not os.path.exists(file):
        time.sleep(0.1)
    sock.settimeout(1)
    for number in range(count):
        if sock.recv(SIZE) != text(number):
            sys.exit(f"datagram {number} is another")
    print(f"{count} datagrams as sent")


if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    hold(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])

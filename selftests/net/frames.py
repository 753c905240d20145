#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""frames.py INTERFACE MTU: of the frames that come in there, from the first until
none comes for three seconds, how many, how many above the MTU, the largest."""

import os
import socket
import sys

FACTOR = int(os.environ.get("XENPV_TIME_FACTOR") or 1)
ALL, OUTGOING, HEADER = 3, 4, 14

name, mtu = sys.argv[1], int(sys.argv[2])
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
tap.bind((name, ALL))
print("listens", flush=True)
tap.settimeout(60 * FACTOR)
sizes, start = [], bytearray(1)
while True:
    try:
        size, address = tap.recvfrom_into(start, 1, socket.MSG_TRUNC)
    except TimeoutError:
        break
    if address[2] != OUTGOING:
        sizes.append(size)
        tap.settimeout(3 * FACTOR)
print(len(sizes), sum(size > mtu + HEADER for size in sizes), max(sizes, default=0))

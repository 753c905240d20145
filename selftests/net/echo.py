# SPDX-License-Identifier: GPL-2.0
"""Sends datagrams of given sizes and compares what comes back.

    echo.py icmp ADDRESS SIZE...        by the other end's kernel
    echo.py udp ADDRESS PORT SIZE...    by an echo server
Size 0 cannot be echoed by socat: for UDP it goes to a closed port, whose
kernel then refuses it.
"""
import os
import socket
import struct
import sys

TRIES = 5


def seconds():
    return 2.0 * int(os.environ.get("XENPV_TIME_FACTOR", "1"))


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def pattern(size, seed):
    block = bytes((seed + 7 * i) & 255 for i in range(251))
    return (block * (size // 251 + 1))[:size]


def connect(kind, address, port, protocol=0):
    sock = socket.socket(family(address), kind, protocol)
    sock.settimeout(seconds())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.connect((address, port))
    return sock


def exchange(sock, message, matches):
    """Sends, also again; whether the answer is right, or what it was."""
    why = "no answer"
    for _ in range(TRIES):
        sock.send(message)
        try:
            while True:
                answer = sock.recv(1 << 17)
                if matches(answer):
                    return None
                why = f"a wrong answer of {len(answer)} bytes"
        except socket.timeout:
            pass
    return why


def icmp(address, sizes):
    six = ":" in address
    protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
    sock = connect(socket.SOCK_DGRAM, address, 0, protocol)
    for number, size in enumerate(sizes):
        data = pattern(size, number)
        message = struct.pack("!BBHHH", 128 if six else 8, 0, 0, 0, number) + data
        yield size, exchange(sock, message, lambda got, number=number, data=data:
                             got[6:8] == struct.pack("!H", number) and got[8:] == data)


def refused(address):
    sock = connect(socket.SOCK_DGRAM, address, 9)
    try:
        why = exchange(sock, b"", lambda got: False)
    except ConnectionRefusedError:
        return None
    return why


def udp(address, port, sizes):
    sock = connect(socket.SOCK_DGRAM, address, port)
    for number, size in enumerate(sizes):
        if not size:
            yield size, refused(address)
            continue
        data = pattern(size, number)
        yield size, exchange(sock, data, lambda got, data=data: got == data)


def main():
    kind, address, *numbers = sys.argv[1:]
    numbers = [int(n) for n in numbers]
    results = icmp(address, numbers) if kind == "icmp" else udp(address, numbers[0], numbers[1:])
    bad = [f"{size} bytes: {why}" for size, why in results if why]
    print("\n".join(bad[:20]))
    sys.exit(1 if bad else 0)


main()

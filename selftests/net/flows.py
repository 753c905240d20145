#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""flows.py FRONT PEER4 PEER6 QUEUES: whether dom0's flows to its own frontend land
where its key, its types and its table say. The hash is written here from Microsoft's
text, bit by bit, and knows nothing of the drivers'."""

import errno
import ipaddress
import re
import socket
import struct
import subprocess
import sys

FRONT, PEER4, PEER6 = sys.argv[1:4]
QUEUES = int(sys.argv[4])
# Flows for each queue; and packets of others (ARP, neighbours) that may disturb.
FLOWS, NOISE = 25, 8


def peer(*command):
    """What a command says in the frontend's name space."""
    return subprocess.run(("ip", "netns", "exec", "peer") + command, check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def toeplitz(key, data):
    """Bit by bit, the key moving on."""
    key = int.from_bytes(key, "big")
    value = 0
    for i in range(len(data) * 8):
        if data[i // 8] & 0x80 >> i % 8:
            value ^= key >> 320 - 32 - i & 0xffffffff
    return value


def configured():
    """Key and table as ethtool -x prints them."""
    text = peer("ethtool", "-x", FRONT)
    table = []
    for line in text.splitlines():
        row = re.match(r"\s*\d+:((\s+\d+)+)\s*$", line)
        if row:
            table += [int(queue) for queue in row[1].split()]
    key = re.search(r"^((?:[0-9a-f]{2}:){39}[0-9a-f]{2})$", text, re.M)
    return bytes.fromhex(key[1].replace(":", "")), table


def with_ports(family):
    """Whether TCP's ports count."""
    text = peer("ethtool", "-n", FRONT, "rx-flow-hash", "tcp6" if family == 6 else "tcp4")
    return "bytes 0 & 1" in text


def received():
    """Packets that each queue has received."""
    text = peer("ethtool", "-S", FRONT)
    return [int(re.search(rf"rx_queue_{queue}_packets: (\d+)", text)[1])
            for queue in range(QUEUES)]


def local(remote):
    """The address from which we would send."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((remote, 9))
        return sock.getsockname()[0]


def knock(remote, sport):
    """One packet there: a connection that is refused."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(20)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("", sport))
        err = sock.connect_ex((remote, 9))
        if err != errno.ECONNREFUSED:
            sys.exit(f"port {sport}: error {err}, not refused")


def expected(key, table, source, remote, sport, ports):
    """The queue for such a flow."""
    data = ipaddress.ip_address(source).packed + ipaddress.ip_address(remote).packed
    if ports:
        data += struct.pack(">HH", sport, 9)
    return table[toeplitz(key, data) % len(table)]


def run(remote):
    """Flows for one queue after the other."""
    key, table = configured()
    ports = with_ports(6 if ":" in remote else 4)
    source = local(remote)
    knock(remote, 19999)
    groups = {}
    for sport in range(20000, 24000):
        queue = expected(key, table, source, remote, sport, ports)
        groups.setdefault(queue, []).append(sport)
    for queue, sports in sorted(groups.items()):
        before = received()
        for sport in sports[:FLOWS]:
            knock(remote, sport)
        got = [now - then for now, then in zip(received(), before)]
        print(f"{remote}: {len(sports[:FLOWS])} flows for queue {queue}: {got}")
        others = sum(got) - got[queue]
        if got[queue] < len(sports[:FLOWS]) or others > NOISE:
            return False
    return set(groups) == set(table) if ports else len(groups) == 1


sys.exit(not (run(PEER4) and run(PEER6)))

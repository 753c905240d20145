# SPDX-License-Identifier: GPL-2.0
"""XDP programs, assembled here, and frames for them.

    xdp.py attach INTERFACE PROGRAM [INTERFACE]   in the driver (native mode)
    xdp.py detach INTERFACE
    xdp.py carry INTERFACE [NETNS:]INTERFACE|none COUNT LONGEST [GROWN]
PROGRAM is what becomes of frames of type 88b5, all others pass: pass, drop, tx,
aborted, unknown, redirect (to the last argument), or grow: 128 bytes are put in
front, with a header of type 88b6.
carry sends COUNT frames of many sizes up to LONGEST from one interface and
compares those that arrive at the other, each once and as it was sent; GROWN: as
"grow" leaves them. With none nothing is waited for.
"""
import ctypes
import os
import socket
import struct
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
SYS_BPF = 321
BPF_PROG_LOAD = 5
BPF_PROG_TYPE_XDP = 6
CLONE_NEWNET = 0x40000000
ETH_HLEN = 14
SENT_TYPE, GROWN_TYPE = 0x88b5, 0x88b6
GROWTH = 128

# struct xdp_md's fields, by offset; helpers, by number
DATA, DATA_END = 0, 4
REDIRECT, ADJUST_HEAD = 23, 44
ABORTED, DROP, PASS, TX = range(4)


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, dst | src << 4, off, imm)


def load(size, dst, src, off):
    return insn({2: 0x69, 4: 0x61}[size], dst, src, off)


def store(size, dst, off, imm):
    return insn({2: 0x6a, 4: 0x62, 8: 0x7a}[size], dst, 0, off, imm)


def move(dst, imm):
    return insn(0xb7, dst, imm=imm)


def leave(verdict):
    return move(0, verdict) + insn(0x95)


def header_or(verdict):
    """r2: the frame, whose header is there; else the program ends."""
    return (load(4, 2, 6, DATA) + load(4, 3, 6, DATA_END) + insn(0xbf, 4, 2) +
            insn(0x07, 4, imm=ETH_HLEN) + insn(0xbd, 4, 3, 2) + leave(verdict))


def grow():
    failed = leave(ABORTED)
    return (insn(0xbf, 1, 6) + move(2, -GROWTH) + insn(0x85, imm=ADJUST_HEAD) +
            insn(0x15, 0, off=2) + failed + header_or(ABORTED) +
            store(8, 2, 0, 0) + store(4, 2, 8, 0) +
            store(2, 2, 12, socket.htons(GROWN_TYPE)) + leave(PASS))


def program(name, ifindex):
    simple = {"pass": PASS, "drop": DROP, "tx": TX, "aborted": ABORTED, "unknown": 77}
    if name in simple:
        act = leave(simple[name])
    elif name == "redirect":
        act = move(1, ifindex) + move(2, 0) + insn(0x85, imm=REDIRECT) + insn(0x95)
    elif name == "grow":
        act = grow()
    else:
        sys.exit(f"no program {name}")
    ours = load(2, 5, 2, 12) + insn(0x15, 5, off=2, imm=socket.htons(SENT_TYPE))
    return insn(0xbf, 6, 1) + header_or(PASS) + ours + leave(PASS) + act


def load_program(code):
    log = ctypes.create_string_buffer(1 << 16)
    code = ctypes.create_string_buffer(code, len(code))
    licence = ctypes.create_string_buffer(b"GPL")
    attr = struct.pack("<IIQQIIQ", BPF_PROG_TYPE_XDP, len(code) // 8, ctypes.addressof(code),
                       ctypes.addressof(licence), 1, len(log), ctypes.addressof(log))
    attr = ctypes.create_string_buffer(attr.ljust(128, b"\0"), 128)
    fd = LIBC.syscall(SYS_BPF, BPF_PROG_LOAD, attr, len(attr))
    if fd < 0:
        sys.exit(f"bpf: {os.strerror(ctypes.get_errno())}\n{log.value.decode()}")
    return fd


def attribute(kind, data):
    return struct.pack("<HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def why_not(answer):
    """An answer's error, with the kernel's words for it."""
    error, = struct.unpack_from("<i", answer, 16)
    text, at = "", 16 + 4 + 16
    while at + 4 <= len(answer):
        length, kind = struct.unpack_from("<HH", answer, at)
        if kind == 1:
            text = answer[at + 4:at + length].rstrip(b"\0").decode()
        at += max(4, length + 3 & ~3)
    return f"{os.strerror(-error)}: {text}" if error else None


def set_program(interface, fd):
    """As `ip link set INTERFACE xdpdrv ...`, for a program that is loaded."""
    native = 1 << 2
    xdp = attribute(1, struct.pack("<i", fd)) + attribute(3, struct.pack("<I", native))
    body = struct.pack("<BxHiII", 0, 0, socket.if_nametoindex(interface), 0, 0)
    body += attribute(43 | 0x8000, xdp)
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    for option in (10, 11):     # NETLINK_CAP_ACK, NETLINK_EXT_ACK
        sock.setsockopt(270, option, 1)
    sock.send(struct.pack("<IHHII", 16 + len(body), 19, 1 | 4, 1, 0) + body)
    why = why_not(sock.recv(1 << 16))
    if why:
        sys.exit(why)


def raw(where, frame_type):
    """A socket on an interface, in this name space or another."""
    space, _, interface = where.rpartition(":")
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    if space:
        there = os.open(f"/run/netns/{space}", os.O_RDONLY)
        assert LIBC.setns(there, CLONE_NEWNET) == 0
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.bind((interface, frame_type))
    assert LIBC.setns(own, CLONE_NEWNET) == 0
    return sock


def frames(count, longest):
    sizes = [n for n in (60, 61, 64, 128, 255, 256, 257, 258, 512, 1024, 1500, 1513, 1514, 2047,
                         2048, 2049, 3000) if n < longest] + [longest]
    for number in range(count):
        size = sizes[number % len(sizes)]
        head = bytes.fromhex("ffffffffffff021600000001") + struct.pack(">HI", SENT_TYPE, number)
        data = bytes((number + 3 * i) & 255 for i in range(size - len(head)))
        yield head + data


def receive(sock, due, grown, seconds):
    """Takes what arrives out of due; the first frame that is not due ends it."""
    sock.settimeout(seconds)
    while due:
        try:
            got = sock.recv(1 << 16)
        except socket.timeout:
            return f"{len(due)} frames are missing"
        if grown:
            got = got[GROWTH:]
        if got not in due:
            return f"a frame of {len(got)} bytes that was not sent: {got[:32].hex()}"
        due.remove(got)
    return None


def carry(source, target, count, longest, grown=None):
    out = raw(source, 0)
    wait = target != "none"
    back = raw(target, GROWN_TYPE if grown else SENT_TYPE) if wait else None
    seconds = 5 * int(os.environ.get("XENPV_TIME_FACTOR", "1"))
    sent = list(frames(int(count), int(longest)))
    # a few at a time: none may be lost for want of room
    for first in range(0, len(sent), 32):
        batch = sent[first:first + 32]
        for frame in batch:
            out.send(frame)
        why = receive(back, set(batch), grown, seconds) if wait else time.sleep(0.05)
        if why:
            sys.exit(f"after {first} frames: {why}")
    if wait:
        back.settimeout(0.3)
        try:
            sys.exit(f"and one more, of {len(back.recv(1 << 16))} bytes")
        except socket.timeout:
            pass


def main():
    command, *rest = sys.argv[1:]
    if command == "attach":
        ifindex = socket.if_nametoindex(rest[2]) if len(rest) > 2 else 0
        set_program(rest[0], load_program(program(rest[1], ifindex)))
    elif command == "detach":
        set_program(rest[0], -1)
    elif command == "carry":
        carry(*rest)
    else:
        sys.exit(__doc__)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads the log of a dm-log-writes target (Documentation/admin-guide/device-mapper).

    logwrites.py list LOG               one line per entry
    logwrites.py replay LOG MARK DEVICE what a power cut at MARK leaves

The target logs a write when the flush that makes it durable has completed, or
at once where it is FUA; a mark is where the user put it.
"""

import struct
import sys

MAGIC = 0x6A736677736872
FLAGS = ["flush", "fua", "discard", "mark", "metadata"]


def entries(log):
    """Yields (sector, sectors, flag names, text of the mark, offset of the data)."""
    magic, _version, count, size = struct.unpack("<QQQI", log.read(28))
    if magic != MAGIC:
        sys.exit(f"logwrites: magic {magic:#x} is not that of a log")
    at = size
    for _ in range(count):
        log.seek(at)
        sector, sectors, flags, length = struct.unpack("<QQQQ", log.read(32))
        names = [name for bit, name in enumerate(FLAGS) if flags >> bit & 1]
        mark = log.read(length).decode() if "mark" in names else ""
        at += size
        yield sector, sectors, names, mark, at
        if "discard" not in names:
            at += sectors * size


def show(log):
    """Prints the whole log."""
    for sector, sectors, names, mark, _ in entries(log):
        print("+".join(names) or "write", mark or f"{sector}+{sectors}")


def replay(log, until, device):
    """Writes what was durable at the mark 'until' to a device."""
    for sector, sectors, names, mark, at in entries(log):
        if mark == until:
            return
        if mark or "discard" in names or not sectors:
            continue
        log.seek(at)
        device.seek(sector * 512)
        device.write(log.read(sectors * 512))
    sys.exit(f"logwrites: there is no mark '{until}'")


def main():
    """See the top."""
    with open(sys.argv[2], "rb") as log:
        if sys.argv[1] == "list":
            show(log)
        else:
            with open(sys.argv[4], "r+b") as device:
                replay(log, sys.argv[3], device)


main()

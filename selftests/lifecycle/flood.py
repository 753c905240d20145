#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""flood.py DEVICE: the cases of blk-flood.sh."""

import subprocess
import sys
import time

from xenpeer import (CLOSED, CONNECTED, FAKE, INITIALISED, INITIALISING, INITWAIT,
                     Disk, Frontend, Late, Store, case)

SECONDS = 12
# What one device may say: a burst of ten in five seconds, and what ends it.
LINES = 10 * (SECONDS // 5 + 1) + 5

store = Store()


def lines():
    """Of the log, those about the fake frontend's device."""
    log = subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout
    return sum("vbd-0-" in line or "backend/vbd/0/" in line for line in log.splitlines())


def play(disk, keys, states):
    """Such keys and states, as fast as the backend answers; return: so many rounds."""
    rounds, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        for state in states:
            store.write(disk.front, **keys, state=state)
            was = disk.states()[1]
            again = time.monotonic() + 0.1
            while disk.states()[1] == was and time.monotonic() < again:
                time.sleep(0.002)
        rounds += 1
    return rounds


def behave(disk, ring):
    """A frontend like another, after all that."""
    store.write(disk.front, state=CLOSED)
    time.sleep(1)
    store.write(disk.front, state=INITIALISING)
    disk.wait(back=INITWAIT)
    ring.reset()
    store.write(disk.front, **ring.keys(), state=INITIALISED)
    disk.wait(back=CONNECTED)
    ring.read(0, 1)


def flood(keys, states):
    """The log's lines meanwhile are few, and the backend is as good as new."""
    disk, ring = Disk(store, "xvdz", sys.argv[1], fake_front=True), Frontend()
    disk.create()
    try:
        disk.wait(back=INITWAIT)
        before = lines()
        rounds = play(disk, ring.keys() | keys, states)
        seen = lines() - before
        print(f"{rounds} rounds, {seen} lines", flush=True)
        if seen > LINES:
            raise Late(f"{seen} lines of {rounds} rounds, more than {LINES}")
        behave(disk, ring)
    finally:
        disk.vanish()
        store.remove(FAKE)
        ring.close()


case("rings that cannot be mapped", flood, {"ring_ref": 4000000}, (INITIALISED, INITIALISING))
case("channels that cannot be bound", flood, {"event_channel": 4000}, (INITIALISED, INITIALISING))
case("connections that work", flood, {}, (INITIALISED, CLOSED, INITIALISING))
case("states only", flood, {}, (INITIALISED, CONNECTED, INITIALISING, CLOSED))

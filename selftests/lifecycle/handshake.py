#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""handshake.py DEVICE DEVICE2: the cases of blk-handshake.sh."""

import os
import random
import sys
import threading
import time

from xenpeer import (CLOSED, CLOSING, CONNECTED, FAKE, INITIALISED, INITIALISING, INITWAIT,
                     Disk, Frontend, Late, Store, case, until)

store = Store()
device, device2 = sys.argv[1], sys.argv[2]
MINE = "xvdz"
# The short tier: a case of each kind, and flips for less long.
DEEP = os.environ.get("TIER", "deep") == "deep"
FLIPS = 5 if DEEP else 2


class Play:
    """A fake end and our driver at the other, removed and looked after at the end."""

    def __init__(self, abi="x86_64-abi", back=None, front=None, **fake):
        self.disk = Disk(store, MINE, device, **fake)
        self.ring = Frontend(abi) if fake.get("fake_front") else None
        self.given = front, back

    def __enter__(self):
        self.disk.create(*self.given)
        return self.disk, self.ring

    def __exit__(self, *_):
        self.disk.vanish()
        store.remove(FAKE)
        if self.ring:
            self.ring.close()


def pair_works():
    """Both our ends: xenwatch is not blocked, nothing is jammed."""
    disk = Disk(store, "xvdy", device2)
    disk.create()
    disk.appear()
    disk.detach()


def front(**more):
    """A frontend played against our backend."""
    return Play(fake_front=True, **more)


def back(**more):
    """A backend played against our frontend."""
    return Play(fake_back=True, **more)


def connect(disk, ring, state=INITIALISED):
    """The frontend's share of the handshake, and a look at what is served."""
    ring.reset()
    store.write(disk.front, **ring.keys(), state=state)
    disk.wait(back=CONNECTED)
    store.write(disk.front, state=CONNECTED)
    if ring.read(0, 1)[:5] != b"xenpv":
        raise Late("wrong data")


# Frontends against our backend

def plain(abi):
    """The way that is written."""
    with front(abi=abi) as (disk, ring):
        disk.wait(back=INITWAIT)
        connect(disk, ring)
        for turn in range(70):      # twice round the ring
            ring.write(16, bytes([turn]) * 4096)
            if ring.read(16) != bytes([turn]) * 4096:
                raise Late(f"wrong data in turn {turn}")
        store.write(disk.front, state=CLOSING)
        time.sleep(0.2)
        ring.read(0)                # served until Closed
        store.write(disk.front, state=CLOSED)
        disk.wait(back=CLOSED)


def jumps_to_connected():
    """mini-os: Connected without Initialised."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        connect(disk, ring, CONNECTED)


def is_connected_before():
    """All is written when the backend's device appears."""
    play = front()
    play.given = ({**play.ring.keys(), "state": CONNECTED}, None)
    with play as (disk, ring):
        disk.wait(back=CONNECTED)
        ring.read(0)


def connected_twice():
    """The same state again is no news."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        connect(disk, ring)
        for _ in range(20):
            store.write(disk.front, state=CONNECTED)
            store.write(disk.front, state=INITIALISED)
        ring.read(0)
        store.write(disk.front, state=CONNECTED)
        ring.read(0)
        disk.wait(CONNECTED, CONNECTED)


def hand_over(*states):
    """pv-grub closes, the kernel takes over, with online=1 all the time."""
    with front() as (disk, ring):
        for _ in range(3):
            disk.wait(back=INITWAIT)
            connect(disk, ring)
            store.write(disk.front, state=CLOSING)
            store.write(disk.front, state=CLOSED)
            disk.wait(back=CLOSED)
            for state in states:
                store.write(disk.front, state=state)
        disk.wait(back=INITWAIT)


def closed_to_connected():
    """mini-os' way: from Closed straight to Connected."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        for _ in range(3):
            connect(disk, ring, CONNECTED)
            store.write(disk.front, state=CLOSED)
            disk.wait(back=CLOSED)


def closes_first():
    """Closing before anything was shared; then it wants after all."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        store.write(disk.front, state=CLOSING)
        disk.wait(back=CLOSING)
        store.write(disk.front, state=INITIALISING)
        disk.wait(back=INITWAIT)
        connect(disk, ring)


def closed_at_first():
    """Closed is what the last owner left: the backend waits, unless it is to go."""
    with front(front={"state": CLOSED}) as (disk, ring):
        disk.wait(back=INITWAIT)
        connect(disk, ring)
    with front() as (disk, _):
        disk.wait(back=INITWAIT)
        store.write(disk.front, state=CLOSED)
        disk.ask_to_detach()
        until("the backend is Closed", lambda: disk.states()[1] in (0, CLOSED))


def starts_anew():
    """kexec: Initialising with a new ring, without closing the old one."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        connect(disk, ring)
        store.write(disk.front, state=INITIALISING)
        disk.wait(back=INITWAIT)
        connect(disk, ring)


def vanishes(when):
    """The frontend's directory is removed in the middle."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        if when == "live":
            connect(disk, ring)
        elif when == "busy":
            connect(disk, ring)
            for sector in range(32):
                ring.push(0, sector)
        store.remove(disk.front)
        until("the backend lets go", lambda: disk.states()[1] in (0, CLOSED))


def junk_state():
    """What is no state is ignored, with one line; a right one works again."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        for text in ("", "-1", "9", "99999999999999999999", "four", "4x", "4 4", "0x4",
                     "%n%s", "4" * 2000):
            store.write(disk.front, state=text)
        time.sleep(0.3)
        disk.wait(back=INITWAIT)
        connect(disk, ring)
        store.write(disk.front, state="junk")
        time.sleep(0.2)
        ring.read(0)
        store.write(disk.front, state=CONNECTED)
        ring.read(0)


def bad_keys(keys):
    """A ring that cannot be: the backend refuses, and takes a good one later."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        store.write(disk.front, **(ring.keys() | keys), state=INITIALISED)
        until("the backend refuses", lambda: disk.states()[1] in (CLOSING, CLOSED))
        store.write(disk.front, state=CLOSED)
        disk.wait(back=CLOSED)
        store.write(disk.front, state=INITIALISING)
        disk.wait(back=INITWAIT)
        connect(disk, ring)


def toolstack_first():
    """online=0 and Closing by the toolstack in each phase of the frontend."""
    for state in (INITIALISING, INITIALISED, CONNECTED):
        with front() as (disk, ring):
            disk.wait(back=INITWAIT)
            if state != INITIALISING:
                connect(disk, ring, state)
            disk.ask_to_detach()
            time.sleep(0.1)
            store.write(disk.front, state=CLOSING)
            store.write(disk.front, state=CLOSED)
            until("the backend is Closed", lambda d=disk: d.states()[1] in (0, CLOSED))


def flip(path, ring, seconds=FLIPS):
    """Any state at any time, as fast as it goes, in two threads."""
    def run(seed):
        mine = Store()
        dice = random.Random(seed)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            mine.write(path, state=dice.choice((0, 1, 2, 3, 4, 4, 5, 6, 7, 8, "x")))
            if ring and dice.random() < 0.2:
                ring.notify()
    jobs = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()


def front_flips():
    """A frontend's state at full speed; afterwards it behaves."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        store.write(disk.front, **ring.keys())
        flip(disk.front, ring)
        store.write(disk.front, state=CLOSED)
        # One that has come as far as InitWait stays there while it is online.
        until("the backend lets go", lambda: disk.states()[1] in (CLOSED, INITWAIT))
        store.write(disk.front, state=INITIALISING)
        disk.wait(back=INITWAIT)
        connect(disk, ring)


def flips_and_vanishes():
    """The directories go while the state flips."""
    with front() as (disk, ring):
        disk.wait(back=INITWAIT)
        store.write(disk.front, **ring.keys())
        job = threading.Thread(target=flip, args=(disk.front, ring, 2))
        job.start()
        time.sleep(1)
        Store().remove(disk.front, disk.back)
        job.join()
        store.remove(FAKE)


# Backends against our frontend

DISK = {"sectors": 16384, "sector_size": 512, "info": 0}


def back_plain():
    """A backend that never serves: connecting, then Closing under a waiting read."""
    with back(back={"state": INITWAIT}) as (disk, _):
        disk.wait(front=INITIALISED)
        store.write(disk.back, **DISK, state=CONNECTED)
        disk.wait(front=CONNECTED)
        until("the disk's first read", lambda: os.path.exists(f"/sys/block/{MINE}"))
        store.write(disk.back, state=CLOSING)
        time.sleep(0.5)


def back_skips():
    """Connected at once, without InitWait."""
    with back(back={**DISK, "state": CONNECTED}) as (disk, _):
        disk.wait(front=CONNECTED)


def back_closes_first():
    """Closing and Closed before anything was shared; then it starts over."""
    with back(back={"state": CLOSING}) as (disk, _):
        disk.wait(front=CLOSED)
        store.write(disk.back, state=CLOSED)
        time.sleep(0.2)
        disk.wait(front=CLOSED)
        store.write(disk.back, state=INITWAIT)
        disk.wait(front=INITIALISED)
        store.write(disk.back, state=CLOSED)
        disk.wait(front=CLOSED)


def back_closed_at_first():
    """A backend that is yet to start over shows its last state."""
    with back(back={"state": CLOSED}) as (disk, _):
        time.sleep(0.3)
        disk.wait(front=INITIALISING)
        store.write(disk.back, state=INITWAIT)
        disk.wait(front=INITIALISED)


def back_closed_in_use():
    """Closed under a read: who waits gets an error, and the frontend closes."""
    with back(back={"state": INITWAIT}) as (disk, _):
        disk.wait(front=INITIALISED)
        store.write(disk.back, **DISK, state=CONNECTED)
        disk.wait(front=CONNECTED)
        until("the disk's first read", lambda: os.path.exists(f"/sys/block/{MINE}"))
        store.write(disk.back, state=CLOSED)
        disk.wait(front=CLOSED)


def back_vanishes(state):
    """The backend's directory is removed in the middle."""
    with back(back={"state": INITWAIT}) as (disk, _):
        disk.wait(front=INITIALISED)
        if state == CONNECTED:
            store.write(disk.back, **DISK, state=CONNECTED)
            disk.wait(front=CONNECTED)
        store.remove(disk.back)
        time.sleep(0.5)


def back_junk():
    """What is no state, and sizes that cannot be."""
    with back(back={"state": INITWAIT}) as (disk, _):
        disk.wait(front=INITIALISED)
        for text in ("", "-1", "44", "junk"):
            store.write(disk.back, state=text)
        time.sleep(0.2)
        disk.wait(front=INITIALISED)
        store.write(disk.back, **(DISK | {"sector_size": 513}), state=CONNECTED)
        until("the frontend refuses", lambda: disk.states()[0] in (CLOSING, CLOSED))


def back_flips():
    """A backend's state at full speed."""
    with back(back={**DISK, "state": INITWAIT}) as (disk, _):
        disk.wait(front=INITIALISED)
        flip(disk.back, None)


def frontends():
    """Frontends of which one is like another but for the moment."""
    case("a frontend by the book, 64-bit", plain, "x86_64-abi")
    case("a frontend that is Connected before the backend is there", is_connected_before)
    case("a frontend that says Connected twice", connected_twice)
    case("a hand-over with every state between", hand_over, CLOSING, CLOSED, INITIALISING)
    case("a pair of ours works meanwhile", pair_works)
    case("a frontend that closes first", closes_first)
    case("a frontend that is Closed at first", closed_at_first)
    case("a pair of ours works meanwhile", pair_works)
    for moment in ("early", "live"):
        case(f"a frontend that vanishes, {moment}", vanishes, moment)
    case("a pair of ours works meanwhile", pair_works)
    case("a frontend with a wrong event channel", bad_keys, {"event_channel": 4000})
    case("a frontend whose ring is no number", bad_keys, {"ring_ref": "x"})
    case("a frontend whose state flips, and that vanishes", flips_and_vanishes)
    case("a pair of ours works meanwhile", pair_works)


def backends():
    """Backends likewise."""
    case("a backend that closes first", back_closes_first)
    case("a backend that is Closed at first", back_closed_at_first)
    case("a pair of ours works meanwhile", pair_works)
    case("a backend that vanishes before it connects", back_vanishes, INITWAIT)
    case("a pair of ours works meanwhile", pair_works)


case("a frontend by the book, 32-bit", plain, "x86_32-abi")
case("a frontend that jumps to Connected", jumps_to_connected)
case("pv-grub's hand-over: Closed, Initialising", hand_over, INITIALISING)
case("mini-os: Closed, Connected", closed_to_connected)
case("a frontend that starts anew without closing", starts_anew)
case("a frontend that vanishes, busy", vanishes, "busy")
case("a frontend with states that are none", junk_state)
case("a frontend with a wrong grant", bad_keys, {"ring_ref": 4000000})
case("a frontend with an unknown protocol", bad_keys, {"protocol": "vax-abi"})
case("the toolstack closes first", toolstack_first)
case("a pair of ours works meanwhile", pair_works)
if DEEP:
    frontends()
case("a frontend whose state flips", front_flips)
case("a backend that never serves", back_plain)
case("a backend that is Connected at once", back_skips)
if DEEP:
    backends()
case("a backend that is Closed under a read", back_closed_in_use)
case("a backend that vanishes", back_vanishes, CONNECTED)
case("a backend with states and sizes that are none", back_junk)
case("a backend whose state flips", back_flips)
case("a pair of ours works after all that", pair_works)

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""stop.py FAST SLOW RAM: the cases of stop.sh. SLOW is a device of dmsetup's above RAM."""

import struct
import sys

from peer import (OKAY, PAGE, PARAMETERS, Backend, Late, Store,  # noqa
                  Suspended, disk_stat, put_text, until, want)
from xenpeer import CONNECTED, FAKE, INITIALISING, INITWAIT, READ, Grant, case

SEGS = 256              # of an indirect request
RING = 32               # slots
BUDGET = 32768          # pages of a guest's requests
PAGES = "grants left to the domain"

fast, slow, ram = sys.argv[1:]
store = Store()


def use_up(disks, desc):
    """The guest's whole budget, by requests that the disk keeps."""
    asked = []
    for disk in disks:
        peer = disk.peers[0]
        asked.append((peer, [peer.put_indirect(READ, 0, SEGS, desc.ref)
                             for _ in range(RING)]))
        peer.show()
    until("no page left", lambda: disks[0].says("state", PAGES) == "0", 60)
    return asked


def budget():
    """What waits for the guest's budget is served before the queue stops."""
    slows = [Backend(store, f"xvd{letter}", slow)
             for letter in "qrst"[:BUDGET // SEGS // RING]]
    # Each but once in a request: Xen maps a page 255 times at most.
    pages = [Grant() for _ in range(SEGS)]
    desc = Grant()
    desc.mem[:SEGS * 8] = b"".join(struct.pack("<IBBH", page.ref, 0, PAGE - 1, 0)
                                   for page in pages)
    with slows[0], slows[1], slows[2], slows[3], Backend(store, "xvdp", fast) as disk:
        for other in slows + [disk]:
            other.connect()
        peer = disk.peers[0]
        with Suspended(slow):
            asked = use_up(slows, desc)
            ident = peer.put(READ, 0)
            peer.show()
            until("the request waits", lambda: int(disk.says("queues", "stalls")) > 0)
            disk.unbind()
            want([OKAY], peer.answers([ident]), "what waited")
            want("0", slows[0].says("state", PAGES), "the budget meanwhile")
        for other, idents in asked:
            want([OKAY] * RING, other.answers(idents, 60), "those of the slow disk")
        disk.bind()
        peer.ask(READ, PAGE)
    for page in pages + [desc]:
        page.close()


def discards():
    """Those that wait for the disk are not asked for any more."""
    with Backend(store, "xvdp", slow) as disk:
        disk.connect()
        peer = disk.peers[0]
        peer.ask(READ, 0)
        before = disk_stat(ram, 11)
        with Suspended(slow):
            idents = [peer.put_discard(i * PAGE, PAGE) for i in range(RING)]
            peer.show()
            until("all are taken",
                  lambda: disk.says("queues", "outstanding") == str(RING))
            disk.unbind()
        want([OKAY] * RING, peer.answers(idents), "discards")
        asked = disk_stat(ram, 11) - before
        if asked > 1:
            raise Late(f"the disk was asked for {asked} discards")
        disk.bind()
        peer.ask(READ, 0)


def persistent():
    """A frontend that was not offered persistent grants is served without them."""
    with Backend(store, "xvdp", fast) as disk:
        disk.connect(feature_persistent=1)
        peer = disk.peers[0]
        peer.ask(READ, 0)
        want("off", disk.says("state", "persistent grants"), "before, persistent grants")
        put_text(f"{PARAMETERS}/feature_persistent", "Y")
        disk.unbind()
        disk.bind()
        peer.ask(READ, 0)
        want("off", disk.says("state", "persistent grants"), "persistent grants")
        want("0", disk.says("state", "persistent grants mapped"), "persistent grants mapped")
        # A new connection has what the parameter says. Requests are served before the
        # backend says Connected; until then it says InitWait, which is waited for below.
        disk.wait(back=CONNECTED)
        store.write(disk.front, state=INITIALISING)
        disk.wait(back=INITWAIT)
        peer.reset()
        disk.connect(feature_persistent=1)
        peer.ask(READ, 0)
        want("on", disk.says("state", "persistent grants"), "then, persistent grants")


def queues():
    """A frontend goes on with as many queues as it has."""
    with Backend(store, "xvdp", fast, queues=2) as disk:
        disk.connect()
        for peer in disk.peers:
            peer.ask(READ, 0)
        put_text(f"{PARAMETERS}/max_queues", 1)
        disk.unbind()
        disk.bind()
        for peer in disk.peers:
            peer.ask(READ, 0)


case("unbound: what waits for the guest's budget", budget)
case("unbound: discards that wait for the disk", discards)
put_text(f"{PARAMETERS}/feature_persistent", "N")
case("bound again: persistent grants", persistent)
put_text(f"{PARAMETERS}/max_queues", 2)
case("bound again: queues", queues)
store.remove(FAKE)

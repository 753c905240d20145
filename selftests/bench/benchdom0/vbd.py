# SPDX-License-Identifier: GPL-2.0
"""Disks, attached as vbds or used as they are."""

import string
import subprocess

from . import domains, drivers

# How the tests' library makes them. cached: a ram that says it has a volatile cache, so that
# flushes count. timed: interrupts when it is done, 10 us later; the others are done at once.
DISKS = {"null": ["kind=null", "size=1024"],
         "timed": ["kind=null", "size=1024", "irqmode=2", "completion_nsec=10000"],
         "ram": ["kind=ram", "size=64"],
         "cached": ["kind=ram", "size=64", "cache_size=16"]}


def create(dom0, name, *words):
    """Makes a disk in dom0; its device."""
    return dom0.library('disk_create "$@" && disk_dev "$1"', name, *words,
                        stdout=subprocess.PIPE).strip()


def begin(dom0, place, front, back, disk, number):
    """Makes disks and attaches them; prints "devices" and their names."""
    domain = domains.of_place(place)
    if place != "native":
        drivers.use(dom0, "blk", front, back, [domain])
    found = [_attach(dom0, place, domain, disk, i) for i in range(number)]
    print("devices", *found, flush=True)


def _attach(dom0, place, domain, disk, i):
    device = create(dom0, f"bench{i}", *DISKS[disk])
    if disk in ("ram", "cached"):
        # null_blk answers reads of what was never written without any copy
        dom0.run("dd", "if=/dev/zero", f"of={device}", "bs=1M", "count=64", "oflag=direct",
                 "status=none")
    if place == "native":
        return device
    name = f"xvd{string.ascii_lowercase[i]}"
    dom0.library('disk_attach "$@"', domain, f"bench{i}", name)
    return f"/dev/{name}"


def end(dom0, place):
    """Detaches and removes them."""
    domain = domains.of_place(place)
    for number in domains.devices(dom0, domain, "vbd"):
        dom0.run("timeout", str(60 * dom0.factor), "xl", "block-detach", domain, number)
    domains.wait_backends_gone(dom0, domain, "vbd")
    dom0.library("disk_remove_all")

# SPDX-License-Identifier: GPL-2.0
"""Devices by themselves: attached before their frontend is loaded, connected, then idle."""

import string
import time

from . import counters, domains, drivers, vbd, vif

KINDS = {"vbd": "blk", "vif": "net"}
LETTERS = string.ascii_lowercase
# xvda is left out: b to z, then aa to dz.
NAMES = [f"xvd{name}" for name in
         [*LETTERS[1:], *(first + second for first in LETTERS[:4] for second in LETTERS)]]


def begin(dom0, place, front, back, kind, number):
    """Attaches them to a frontend that is not loaded yet: the job does that."""
    domain = domains.of_place(place)
    drivers.use(dom0, KINDS[kind], "none", back, [domain])
    dom0.note("front", domain, f"{KINDS[kind]}front", front)
    for i in range(number):
        if kind == "vif":
            dom0.run("xl", "network-attach", domain, "script=vif-plain")
        else:
            device = vbd.create(dom0, f"bench{i}", "kind=null", "size=4")
            dom0.run("xl", "block-attach", domain,
                     f"vdev={NAMES[i]},access=w,script=block-plain,target={device}")


def end(dom0, place):
    """Detaches and removes them, of either kind."""
    vbd.end(dom0, place)
    vif.end(dom0, place)


def connect(dom0, kind, number):
    """The job: loads the frontend, waits for all of them, then for nothing."""
    domain, driver, spec = dom0.words("front")
    memory = counters.memory(dom0, domain)
    begun = time.monotonic()
    drivers.load(dom0, domain, driver, spec)
    dom0.wait_until(100, f"{number} {kind}s are connected",
                    lambda: domains.all_connected(dom0, domain, kind, number))
    microseconds = int((time.monotonic() - begun) * 1e6)
    # udev has a look at each
    dom0.sleep(5)
    woken = counters.wakeups(dom0)
    dom0.sleep(5)
    woken = counters.wakeups(dom0) - woken
    print(f"microseconds {microseconds} wakeups {woken} in 5 s "
          f"KiB {counters.memory(dom0, domain) - memory}", flush=True)

# SPDX-License-Identifier: GPL-2.0
"""A contender: a pair of drivers that is measured beside others."""

import dataclasses
import re

from xenlab.say import LabError

DRIVER = re.compile(r"(ours|intree)(\+[a-z_]+=[A-Za-z0-9]+)*")
EVERY = "ours/ours,ours/intree,intree/ours,intree/intree"
# Ours with one feature off, by area: what a whole run shows beside them.
WITHOUT = {"blk": ["ours+feature_persistent=0/ours", "ours+max_indirect_segments=11/ours",
                   "ours+max_ring_page_order=0/ours", "ours+max_queues=1/ours",
                   "ours+trusted=0/ours", "ours/ours+poll_us=0"],
           "net": ["ours+max_queues=1/ours", "ours+trusted=0/ours",
                   "ours/ours+separate_tx_rx_irq=0"]}


@dataclasses.dataclass(frozen=True)
class Contender:
    """Frontend and backend as benchdom0 takes them; native is neither."""

    name: str
    front: str = "-"
    back: str = "-"
    area: str = ""      # blk or net: of WITHOUT; the others are for every job

    @property
    def plain(self):
        """Whether both drivers are of one kind."""
        return self.front == self.back


NATIVE = Contender("native")
# The same requests on the same disk from a kernel thread in dom0: what a backend
# cannot do without.
THREAD = Contender("thread")
# Both are without a split driver.
BARE = (NATIVE, THREAD)


def parse(text):
    """Contenders from FRONT/BACK,..., each ours or intree with +parameter=value."""
    found = []
    for name in text.split(","):
        parts = name.split("/")
        if len(parts) != 2 or not all(DRIVER.fullmatch(part) for part in parts):
            raise LabError(f"PAIRS: '{name}' is not FRONT/BACK, each 'ours' or 'intree' and "
                           "perhaps '+parameter=value', as in ours+max_queues=1/intree")
        if name not in [one.name for one in found]:
            found.append(Contender(name, *parts))
    return found


def without():
    """Ours, each with one feature off."""
    return [Contender(name, *name.split("/"), area)
            for area, names in WITHOUT.items() for name in names]


def baseline(contenders):
    """The one that the others are compared with."""
    names = [one.name for one in contenders]
    return "intree/intree" if "intree/intree" in names else names[0]


def revisions():
    """Ours twice: the files that build.py calls A. and B."""
    return [Contender(name, f"ours@{name}", f"ours@{name}") for name in ("A", "B")]

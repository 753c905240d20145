# SPDX-License-Identifier: GPL-2.0
"""Where the lab's processors spend their time: Xen, every kernel and their users alike.

QEMU is asked where each processor is, again and again. An emulated one tells
where its block of instructions began, which is near enough for a function."""

import bisect
import collections
import re
import time

from .dom0 import Dom0
from .monitor import Monitor

STEP = 0.003
LAST_USER = 0x7fffffffffff
SYMBOLS = {"": "grep -E ' [tTwW] ' /proc/kallsyms",
           "XEN ": "mountpoint -q /proc/xen || mount -t xenfs x /proc/xen; "
                   "grep -E ' [tT] ' /proc/xen/xensyms"}


def processors(monitor):
    """Where each is: an address, or None for one that is halted."""
    text = monitor.ask("human-monitor-command", **{"command-line": "info registers -a"})
    for one in text.split("CPU#")[1:]:
        found = re.search(r"RIP=([0-9a-f]+)", one)
        yield None if "HLT=1" in one or not found else int(found.group(1), 16)


class Names:
    """Functions by address: Xen's, and those of dom0's kernel with its modules, at whose
    addresses guests have the same kernel's, but modules of their own."""

    def __init__(self, dom0):
        found = []
        for tag, command in SYMBOLS.items():
            code, out = dom0.run(command)
            if code:
                raise LabError(f"no symbols from dom0: {out.strip()}")
            for line in out.splitlines():
                address, _, *name = line.split()
                found.append((int(address, 16), tag + " ".join(name)))
        found.sort()
        self.addresses = [address for address, _ in found]
        self.names = [name for _, name in found]

    def of(self, address):
        """What is at an address."""
        if address is None:
            return "(halted)"
        if address <= LAST_USER:
            return "(user)"
        return self.names[max(0, bisect.bisect_right(self.addresses, address) - 1)]


def part(name):
    """The part of the machine that a name belongs to."""
    module = re.search(r"\[(\w+)\]", name)
    if module:
        return module.group(1)
    return name if name.startswith("(") else "Xen" if name.startswith("XEN ") else "kernel"


def show(title, counter, least):
    """A table of shares, those below the least left out."""
    total = sum(counter.values())
    print(title)
    for name, count in counter.most_common():
        if 100 * count >= least * total:
            print(f"{100 * count / total:6.1f} %  {name}")


def profile(machine, seconds):
    """Samples for so long and prints two tables."""
    names, monitor = Names(Dom0(machine)), Monitor(machine)
    counter = collections.Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        counter.update(processors(monitor))
        time.sleep(STEP)
    functions, parts = collections.Counter(), collections.Counter()
    for address, count in counter.items():
        functions[names.of(address)] += count
        parts[part(names.of(address))] += count
    print(f"{sum(counter.values())} samples in {seconds} s")
    show("by part:", parts, 0.1)
    show("by function:", functions, 0.3)

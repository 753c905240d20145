# SPDX-License-Identifier: GPL-2.0
"""How busy this host is: a busy host is not a hung kernel."""

import math
import os
import re
from pathlib import Path

from .say import LabError


def time_factor():
    """What all time-outs are multiplied by."""
    given = os.environ.get("XENPV_TIME_FACTOR")
    if given:
        if not re.fullmatch(r"[1-9]\d?", given):
            raise LabError(f"XENPV_TIME_FACTOR: '{given}' is not a number from 1 to 99")
        return int(given)
    return min(10, max(1, math.ceil(1.5 * os.getloadavg()[0] / os.cpu_count())))


def waited(pid):
    """Seconds that the threads of a process were ready to run and had no processor, so far:
    the second field of schedstat (the kernel's Documentation/scheduler/sched-stats.rst)."""
    total = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(file.read_text(encoding="ascii").split()[1])
        except (OSError, IndexError, ValueError):  # the thread has ended meanwhile
            continue
    return total / 1e9


def stolen():
    """Seconds, of one processor, that this machine's own host took from it, so far."""
    with open("/proc/stat", encoding="ascii") as stat:
        words = stat.readline().split()
    return int(words[8]) / os.sysconf("SC_CLK_TCK") / os.cpu_count()

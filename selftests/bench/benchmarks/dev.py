# SPDX-License-Identifier: GPL-2.0
"""Devices by themselves: how soon they connect, what they cost when nothing is done."""

import re

from xenlab.say import LabError

from .job import Job


def _result(text, _seconds, number):
    found = re.search(r"^microseconds (\d+) wakeups (\d+) in 5 s KiB (-?\d+)$", text, re.M)
    if not found:
        raise LabError("no result: " + text.strip()[-300:])
    microseconds, wakeups, kib = map(int, found.groups())
    return {"connect": microseconds / 1e6, "wakeups/s": wakeups / 5, "KiB each": kib / number}


def _job(kind, number):
    return Job(f"dev.{kind}.n{number}", ("dev", kind, number), f"{kind}s by themselves",
               f"{number}", ("connect", "wakeups/s", "KiB each"), False, False,
               lambda _place, _devices, _seconds: ["devices", kind, str(number)],
               lambda text, seconds: _result(text, seconds, number),
               native=False, most=number)


def jobs():
    """All of them."""
    for kind in "vbd", "vif":
        for number in 1, 16, 64, 100:
            yield _job(kind, number)

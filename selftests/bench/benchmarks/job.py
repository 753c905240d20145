# SPDX-License-Identifier: GPL-2.0
"""A job: one piece of work that is measured, and the figures that it gives."""

import dataclasses
import json
import re

from xenlab.say import LabError

# Figures: unit, and whether less is better.
FIGURES = {"IOPS": ("1/s", False), "MiB/s": ("MiB/s", False), "Mbit/s": ("Mbit/s", False),
           "trips/s": ("1/s", False), "kpps": ("1000/s", False),
           "p50": ("us", True), "p99": ("us", True),
           "connect": ("s", True), "wakeups/s": ("1/s", True), "KiB each": ("KiB", True)}


@dataclasses.dataclass(frozen=True)
class Job:
    """What is measured, as far as it does not depend on where."""

    name: str       # blk.null.randread.4k.d32.j1.n1; what JOBS= matches
    setup: tuple    # what must be attached: (blk|net, kind or layout, number)
    group: str      # the plot that it is part of
    label: str      # its name in that plot
    figures: tuple  # of FIGURES; the first is the headline
    quick: bool     # part of QUICK=1
    core: bool      # a whole run has it in every place, under every contender
    command: object     # (place, devices, seconds) -> a function of benchdom0, and its arguments
    parse: object       # (output, seconds) -> {figure: value, "requests": number}
    thread: object = None   # (devices, seconds) -> the same for bioload, where it can
    native: bool = True     # whether there is such a thing without a split driver
    most: int = 16          # devices; a guest has no room for more than 16 in-tree ones

    def runs(self, place, contender):
        """Whether it can be measured there."""
        if place != "own" and self.most > 16:
            return False
        if contender.area not in ("", self.setup[0]):
            return False
        return {"native": self.native, "thread": bool(self.thread)}.get(contender.name, True)

    def rate(self, figures):
        """Requests, packets or round trips a second; of TCP, KiB."""
        if not self.native:
            return 0
        name = self.figures[0] if "IOPS" not in figures else "IOPS"
        factor = {"kpps": 1000, "Mbit/s": 1e6 / 8 / 1024}.get(name, 1)
        return figures[name] * factor


def documents(text):
    """All JSON objects in a text that has other lines as well."""
    decoder, found, start = json.JSONDecoder(), [], text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            end = start + 1
        else:
            found.append(value)
        start = text.find("{", end)
    if not found:
        raise LabError("no result: " + (text.strip()[-300:] or "no output"))
    return found


def thread_result(text, _seconds):
    """What benchdom0/bioload.py prints."""
    found = re.search(r"^requests (\d+) microseconds (\d+) errors (\d+) size (\d+)$", text, re.M)
    if not found:
        raise LabError("no result: " + text.strip()[-300:])
    requests, microseconds, errors, size = map(int, found.groups())
    if errors or not requests:
        raise LabError(f"bioload: {requests} requests, {errors} errors")
    rate = requests * 1e6 / microseconds
    return {"IOPS": rate, "MiB/s": rate * size / 2**20, "requests": requests}


def fio_result(text):
    """The totals of fio's JSON."""
    job = documents(text)[0]["jobs"][0]
    if job["error"]:
        raise LabError(f"fio ended with error {job['error']}")
    ways = [job[way] for way in ("read", "write") if job[way]["total_ios"]]
    if not ways:
        raise LabError("fio did not finish a single request")
    most = max(ways, key=lambda way: way["total_ios"])
    percentile = most["clat_ns"].get("percentile", {})
    result = {"IOPS": sum(way["iops"] for way in ways),
              "MiB/s": sum(way["bw_bytes"] for way in ways) / 2**20,
              "requests": sum(way["total_ios"] for way in ways)}
    for name, key in ("p50", "50.000000"), ("p99", "99.000000"):
        if key in percentile:
            result[name] = percentile[key] / 1000
    return result

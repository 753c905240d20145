# SPDX-License-Identifier: GPL-2.0
"""What happened during a job, for each request: events, and what our drivers count."""

import re

# Counters that say nothing about cost.
LEFT_OUT = re.compile(r"\.(reads|writes|.*_ns|slots_taken|slots_put)$")


def sections(text):
    """The parts of what benchdom0/samples.py prints: before, output, after, cpu; of a traced
    job: output, hypercalls."""
    parts = re.split(r"^== (before|output|after|cpu|hypercalls)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def parse(text):
    """{"dom0 xen-blkback.maps": 12, ...} of one section."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"(\S+ [\w.-]+) (\d+)", line)
        if match:
            found[match.group(1)] = int(match.group(2))
    return found


def shares(text):
    """{"dom0": 0.8, ...}: the processor that each domain used, of the section cpu."""
    return {name: float(share) for name, share in re.findall(r"^cpu (\S+) ([\d.]+)$", text, re.M)}


def per_request(before, after, requests):
    """The counters that grew, divided by the requests; nothing where there were none."""
    if not requests:
        return {}
    old, new = parse(before), parse(after)
    return {name: (value - old.get(name, 0)) / requests for name, value in sorted(new.items())
            if value > old.get(name, 0) and not LEFT_OUT.search(name)}


def hypercalls(text, requests):
    """Of the section hypercalls, for each request."""
    found = re.findall(r"^(hypercalls \S+) (\d+)$", text, re.M)
    return {name: int(number) / requests for name, number in found} if requests else {}


def microseconds(cpu, rate):
    """What a request costs each domain, where so many end each second."""
    return {f"{name} processor us": share * 1e6 / rate for name, share in cpu.items()} \
        if rate else {}

# SPDX-License-Identifier: GPL-2.0
"""The network jobs: streams, round trips and small packets."""

import re

from xenlab.say import LabError

from .job import Job, documents, fio_result

QUICK = ["net.tcp.to.s1.n1", "net.tcp.from.s1.n1", "net.rr.tcp", "net.packets.to"]
CORE = [*QUICK, "net.rr.udp", "net.packets.from", "net.tcp.guests.s1"]


def _tcp_result(text, _seconds):
    total = count = 0
    for run in documents(text):
        if "error" in run:
            raise LabError(f"iperf3: {run['error']}")
        total += run["end"]["sum_received"]["bits_per_second"]
        count += run["end"]["sum_received"]["bytes"] / 1024
    return {"Mbit/s": total / 1e6, "requests": count}


def _rr_result(text, _seconds):
    result = fio_result(text)
    return {"trips/s": result["IOPS"], "p50": result["p50"], "p99": result["p99"],
            "requests": result["requests"]}


def _packets_result(text, _seconds):
    found = re.search(r"^packets (\d+) microseconds (\d+)$", text, re.M)
    if not found:
        raise LabError("no result: " + text.strip()[-300:])
    packets, microseconds = map(int, found.groups())
    if not packets:
        raise LabError("not one packet arrived")
    return {"kpps": packets * 1000 / microseconds, "requests": packets}


def _job(name, setup, group, label, figures, words, parse):
    def command(_place, _devices, seconds):
        return [word.replace("SECONDS", str(seconds)) for word in words]
    return Job(name, ("net", *setup), group, label, figures, name in QUICK, name in CORE,
               command, parse)


def jobs():
    """All network jobs."""
    for streams in 1, 4:
        for way in "to", "from":
            yield _job(f"net.tcp.{way}.s{streams}.n1", ("pairs", 1), "TCP",
                       f"{way} the frontend, {streams} str.", ("Mbit/s",),
                       ["tcp", way, "SECONDS", str(streams), "1"], _tcp_result)
    for protocol in "tcp", "udp":
        yield _job(f"net.rr.{protocol}", ("pairs", 1), "round trips of 64 bytes", protocol,
                   ("trips/s", "p50", "p99"), ["rr", protocol, "SECONDS"], _rr_result)
    for way in "to", "from":
        yield _job(f"net.packets.{way}", ("pairs", 1), "packets of 60 bytes",
                   f"{way} the frontend", ("kpps",), ["packets", way, "SECONDS"], _packets_result)
    for streams in 1, 4:
        yield _job(f"net.tcp.guests.s{streams}", ("bridge", 2), "TCP",
                   f"two frontends, {streams} str.", ("Mbit/s",),
                   ["tcp_guests", "SECONDS", str(streams)], _tcp_result)
    for number in 4, 16:
        for way in "to", "from":
            yield _job(f"net.tcp.{way}.s1.n{number}", ("pairs", number), "TCP, several vifs",
                       f"{way} {number} vifs", ("Mbit/s",),
                       ["tcp", way, "SECONDS", "1", str(number)], _tcp_result)

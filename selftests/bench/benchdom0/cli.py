# SPDX-License-Identifier: GPL-2.0
"""The commands that benchmarks/place.py calls: FUNCTION ARGUMENT..., each argument checked.

PLACE, where things run: native (in dom0, without a split driver: the ceiling), own (dom0 is
its own frontend), pv or pvh (guest g1, and g2, is the frontend).
"""

import functools
import re
import sys

from . import bioload, devices, fio, iperf3, pktgen, place, samples, vbd, vif
from .dom0 import Dom0, Failed, of_environment


def one_of(*words):
    """One of these."""
    return lambda text: text if text in words else None


def matching(pattern):
    """A word like this."""
    return lambda text: text if re.fullmatch(pattern, text) else None


def number_from(least):
    """A number that is not less."""
    return lambda text: int(text) if text.isdecimal() and int(text) >= least else None


DRIVER = matching(r"-|(ours|intree|none)(@\w+)?(\+\w+=\w+)*")
# What an argument must be, by its name in the tables below: the check, and how it is told.
ARGUMENTS = {
    "PLACE": (one_of("native", "own", "pv", "pvh"), "native, own, pv or pvh"),
    "GUESTS": (number_from(0), "a number"),
    "NUMBER": (number_from(1), "a number of 1 or more"),
    "FRONT": (DRIVER, "ours, ours@REVISION or intree, and +PARAMETER=VALUE, or -"),
    "BACK": (DRIVER, "ours, ours@REVISION or intree, and +PARAMETER=VALUE, or -"),
    "DISK": (one_of(*vbd.DISKS), ", ".join(vbd.DISKS)),
    "LAYOUT": (one_of("pairs", "bridge"), "pairs or bridge"),
    "DEVICE": (one_of(*devices.KINDS), "vbd or vif"),
    "END": (matching(r"dom0|peer\d+|g\d+"), "dom0, peerN or gN"),
    "COMMAND": (lambda text: text or None, "a shell command"),
    "SECONDS": (number_from(1), "a number of 1 or more"),
    "KIND": (one_of("read", "write", "randread", "randwrite"),
             "read, write, randread or randwrite"),
    "SIZE": (matching(r"[1-9]\d*[kKmM]"), "a size as 4k or 1M"),
    "DEPTH": (number_from(1), "a number of 1 or more"),
    "PATH": (matching(r"/dev/\w[\w./-]*"), "a device"),
    "WAY": (one_of("to", "from"), "to or from"),
    "STREAMS": (number_from(1), "a number of 1 or more"),
    "LINKS": (number_from(1), "a number of 1 or more"),
    "PROTOCOL": (one_of("tcp", "udp"), "tcp or udp"),
}
# FUNCTION: what does it, and its arguments; the last may stand for several.
JOBS = {
    "at": (Dom0.at, "END COMMAND"),
    "thread": (bioload.run, "SECONDS KIND SIZE DEPTH PATH..."),
    "tcp": (iperf3.run, "WAY SECONDS STREAMS LINKS"),
    "tcp_guests": (iperf3.run_guests, "SECONDS STREAMS"),
    "rr": (fio.run_round_trips, "PROTOCOL SECONDS"),
    "packets": (pktgen.run, "WAY SECONDS"),
    "devices": (devices.connect, "DEVICE NUMBER"),
}
COMMANDS = {
    "place_begin": (place.begin, "PLACE GUESTS"),
    "place_end": (place.end, ""),
    "blk_begin": (vbd.begin, "PLACE FRONT BACK DISK NUMBER"),
    "blk_end": (vbd.end, "PLACE"),
    "net_begin": (vif.begin, "PLACE FRONT BACK LAYOUT NUMBER"),
    "net_end": (vif.end, "PLACE"),
    "dev_begin": (devices.begin, "PLACE FRONT BACK DEVICE NUMBER"),
    "dev_end": (devices.end, "PLACE"),
    "measured": (samples.measured, "PLACE SECONDS JOB..."),
    "traced": (samples.traced, "PLACE JOB..."),
    **JOBS,
}


def values(function, names, words):
    """The arguments, checked."""
    usage = f"usage: {function} {' '.join(names)}".strip()
    several = bool(names) and names[-1].endswith("...")
    if len(words) < len(names) or len(words) > len(names) and not several:
        raise Failed(f"{function}: {len(words)} arguments; {usage}", 2)
    names = [name.removesuffix("...") for name in names]
    names += names[-1:] * (len(words) - len(names))
    found = []
    for name, word in zip(names, words):
        check, wanted = ARGUMENTS[name]
        found.append(check(word))
        if found[-1] is None:
            raise Failed(f"{function}: {name}: '{word}' is not {wanted}; {usage}", 2)
    return found


def bound(dom0, table, words):
    """A call without arguments that does what the words say."""
    function, *rest = words or [""]
    if function not in table:
        raise Failed(f"there is no function '{function}'; there are {', '.join(table)}", 2)
    call, names = table[function][0], table[function][1].split()
    if names[-1:] != ["JOB..."]:
        return functools.partial(call, dom0, *values(function, names, rest))
    before = len(names) - 1
    return functools.partial(call, dom0, *values(function, names[:-1], rest[:before]),
                             bound(dom0, JOBS, rest[before:]))


def main():
    """Runs one command; a failure is one message, and a status."""
    try:
        bound(of_environment(), COMMANDS, sys.argv[1:])()
    except Failed as err:
        sys.stdout.flush()
        print(f"bench in dom0: {err}", file=sys.stderr)
        return err.status
    return 0

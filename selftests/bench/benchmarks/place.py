# SPDX-License-Identifier: GPL-2.0
"""A booted lab, and the places in it where jobs run."""

import os
import re
import shlex

from xenlab import hostload, variant
from xenlab.cache import SELFTESTS
from xenlab.dom0 import Dom0, pack
from xenlab.machine import Machine
from xenlab.say import LabError

from . import build, counters, instructions

# What dom0 gets beside the tests and their library goes there: the package benchdom0, and
# bioload.ko.
FOLDER = "/run/xenpv"
PACKAGE = SELFTESTS / "bench/benchdom0"
# 100 vifs of two queues have 102400 grants; dom0 has room for 32768, as any domain.
XEN_ARGS = "gnttab_max_frames=256"
NAMES = {"own": "dom0 is its own frontend", "pvh": "PVH guest", "pv": "PV guest"}


def files():
    """(name, path) of each, below FOLDER."""
    found = [(f"{PACKAGE.name}/{path.name}", path) for path in sorted(PACKAGE.glob("*.py"))
             if not path.name.startswith("test_")]
    if not variant.foreign_kernel():
        found.append(("bioload.ko", build.bioload()))
    return found


def shell_command(words):
    """The shell command that calls a function of benchdom0. -S: it needs nothing that Debian
    has installed for Python, and starts sooner without."""
    return f"PYTHONPATH={FOLDER} python3 -S -m {PACKAGE.name} {shlex.join(words)}"


def reason(out):
    """Why a call failed: the end of what it printed; of a job the end of the job's output,
    without the JSON that fio and iperf3 print all the same, and the last line of all."""
    parts = counters.sections(out)
    lines = [line.strip() for line in parts.get("output", out).splitlines()
             if re.match(r'\s*("error":\s*"|[^\s"{}\[\]])', line)]
    last = out.strip().splitlines()[-1:]
    if lines[-1:] != last:
        lines += last
    return " | ".join(lines[-5:])[-500:]


class Place:
    """Where in the lab the frontend is: own, pvh or pv."""

    def __init__(self, name, clock, guests, seconds, push):
        self.name = name
        self.clock = clock
        self.guests = guests
        self.seconds = seconds
        self.push = push
        self.machine = Machine()
        self.ready = False

    def begin(self):
        """Boots where needed, and creates the guests."""
        if self.ready:
            return
        if not self.machine.state():
            icount = self.clock == "icount"
            self.machine.boot(XEN_ARGS, icount=icount,
                              more=instructions.plugin() if icount else ())
            self.push(self.machine)
            code, out = Dom0(self.machine).run(f"mkdir -p {FOLDER} && tar -C {FOLDER} -xf -",
                                               pack(files()))
            if code:
                raise LabError(f"cannot copy the benchmarks into dom0: {out.strip()}")
        self.call("place_begin", self.name, str(self.guests), seconds=200 * (self.guests + 1))
        self.ready = True

    def end(self):
        """Takes down everything; boots again next time where that fails."""
        self.ready = False
        try:
            self.call("place_end", seconds=200)
        except LabError:
            self.machine.stop()

    def call(self, *words, seconds=120):
        """One function of benchdom0; its output."""
        factor = hostload.time_factor() * (8 if self.clock == "icount" else 1)
        env = f"XENPV_TIME_FACTOR={factor} GUEST_TIMEOUT={self.seconds + 60}"
        code, out = Dom0(self.machine).run(f"{env} {shell_command(words)}",
                                           timeout=(seconds + self.seconds) * factor)
        if code:
            raise LabError(f"{' '.join(words)[:60]}: status {code}: {reason(out)}")
        return out

    def splats(self):
        """What the kernels complained of since the boot."""
        lib = "/xenpv/selftests/lib"
        command = (f". {lib}/splat.sh; dmesg | splats dom0; "
                   "for log in /var/log/xen/console/guest-*; "
                   "do [ ! -s $log ] || splats $(basename $log .log) <$log; done; true")
        code, out = Dom0(self.machine).run(f"bash -c {shlex.quote(command)}")
        return out.strip().splitlines() if not code else [f"no answer from dom0: {out.strip()}"]


def lab_name():
    """A lab of its own, unless the caller names one."""
    os.environ.setdefault("XENPV_LAB", "bench")

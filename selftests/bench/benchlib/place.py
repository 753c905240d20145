# SPDX-License-Identifier: GPL-2.0
"""A booted lab, and the places in it where jobs run."""

import os
import shlex

from lablib import hostload, variant
from lablib.cache import SELFTESTS
from lablib.dom0 import Dom0
from lablib.machine import Machine
from lablib.say import LabError

from . import build, instructions

SCRIPT = "/run/xenpv/bench.sh"
# What dom0 gets beside the tests and their library.
FILES = {"in-dom0.sh": SCRIPT, "cputime.py": "/run/xenpv/cputime.py",
         "hypercalls.py": "/run/xenpv/hypercalls.py"}
MODULE = "/run/xenpv/bioload.ko"
# 100 vifs of two queues have 102400 grants; dom0 has room for 32768, as any domain.
XEN_ARGS = "gnttab_max_frames=256"
NAMES = {"own": "dom0 is its own frontend", "pvh": "PVH guest", "pv": "PV guest"}


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
            files = {SELFTESTS / "bench" / source: target for source, target in FILES.items()}
            if not variant.foreign_kernel():
                files[build.bioload()] = MODULE
            for source, target in files.items():
                code, out = Dom0(self.machine).run(f"cat >{target}", data=source.read_bytes())
                if code:
                    raise LabError(f"cannot copy {source} into dom0: {out}")
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
        """One function of in-dom0.sh; its output."""
        factor = hostload.time_factor() * (8 if self.clock == "icount" else 1)
        env = f"XENPV_TIME_FACTOR={factor} GUEST_TIMEOUT={self.seconds + 60}"
        command = f"{env} bash {SCRIPT} {' '.join(shlex.quote(word) for word in words)}"
        code, out = Dom0(self.machine).run(command, timeout=(seconds + self.seconds) * factor)
        if code:
            tail = " | ".join(line for line in out.strip().splitlines()[-5:])
            raise LabError(f"{' '.join(words)[:60]}: status {code}: {tail[-500:]}")
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

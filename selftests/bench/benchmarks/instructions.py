# SPDX-License-Identifier: GPL-2.0
"""Whose instructions they were, on the icount clock: Xen's, a kernel's, a user's.

QEMU counts them by qemu/instructions.c and writes its sums down each time that
cputime.py marks one of its samples."""

import re
import shutil
import subprocess

from xenlab import cache, say

SOURCE = cache.SELFTESTS / "bench/qemu"
PARTS = ("Xen", "kernels", "users")
SUMS = "instructions"   # in the lab's folder


def plugin():
    """What QEMU's command line needs for it; nothing where QEMU's interface is another."""
    if not shutil.which("qemu-system-x86_64"):
        return []   # whoever boots says so
    text = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, check=False)
    version = re.search(rb"version (\d+)\.", text.stdout)
    if not version or not 7 <= int(version.group(1)) <= 8:
        say.step("this QEMU takes no plugin of version 1: instructions are not told apart")
        return []
    out = cache.root() / f"instructions-{cache.digest(SOURCE)}.so"
    if not out.exists():
        say.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-o", f"{out}.tmp",
                 str(SOURCE / "instructions.c")],
                "compiling QEMU's plugin")
        out.with_name(f"{out.name}.tmp").rename(out)
    return ["-plugin", f"{out},out={SUMS}"]


def per_request(folder, text, rate):
    """How many of each kind a request took, where so many end each second; from the sums at
    the two samples that cputime.py names, counted from the last."""
    marks = re.search(r"^marks (\d+) (\d+) in ([\d.]+) s$", text, re.M)
    path = folder / SUMS
    if not marks or not path.exists() or not rate:
        return {}
    lines = path.read_text(encoding="ascii").splitlines()
    first, last = (lines[-int(number)].split() for number in marks.groups()[:2])
    requests = rate * float(marks.group(3))
    return {f"instructions of {name}": (int(after) - int(before)) / requests
            for name, before, after in zip(PARTS, first, last)}

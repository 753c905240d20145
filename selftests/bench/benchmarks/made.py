# SPDX-License-Identifier: GPL-2.0
"""What made a result: versions, settings and the host."""

import os
import re
import subprocess
import time

from xenlab import images, machine
from xenlab.cache import TREE


def _git(*args):
    done = subprocess.run(["git", "-C", str(TREE), *args], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip()


def revision():
    """This tree's, with a + where it has changes."""
    return _git("rev-parse", "--short=12", "HEAD") + ("+" if _git("status", "--porcelain") else "")


def same_drivers(other):
    """Whether the drivers that are here now are those of another revision()."""
    clean = not _git("status", "--porcelain", "--", "common", "drivers")
    return clean and not other.endswith("+") and \
        _git("diff", "--name-only", other, "--", "common", "drivers") == "" and \
        _git("rev-parse", "--verify", "--quiet", f"{other}^{{commit}}") != ""


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as cpuinfo:
        found = re.search(r"^model name\s*: (.*)$", cpuinfo.read(), re.M)
    return found.group(1) if found else "?"


def asked(settings):
    """What the user asked for, of what a report says."""
    return {
        "clock": {"wall": "wall", "icount": "icount: virtual time = instructions, one processor"}
                 [settings.clock],
        "rounds": settings.rounds, "seconds for each job": settings.seconds,
    }


def describe(settings, lab):
    """Names and values, for the head of every report."""
    manifest = (images.find() / "manifest.json").read_text()
    info = dict(re.findall(r'"(xen|kernel|abi)": "(.*?)"', manifest))
    with open(f"/proc/{lab.state()['pid']}/cmdline", encoding="ascii", errors="replace") as file:
        qemu = file.read().split("\0")
    version = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE,
                             check=False).stdout.decode().splitlines()[0]
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "ours": revision() if not settings.revisions else
        ", ".join(f"{name}: {rev}" for name, rev in settings.revisions.items()),
        "Xen": info.get("xen", "?"), "Linux": f"{info.get('abi')} ({info.get('kernel')})",
        "QEMU": version,
        "accelerator": "KVM" if machine.can_kvm() else "TCG, emulated: compare ratios only",
        "processors of the lab": qemu[qemu.index("-smp") + 1],
        "host": f"{os.cpu_count()} x {_processor()}",
        "load of the host before": f"{os.getloadavg()[0]:.2f}",
        **asked(settings),
    }

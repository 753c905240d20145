# SPDX-License-Identifier: GPL-2.0
"""A lab that has just booted, kept as a state of QEMU's: others are restored from it in
seconds.

The memory is a file, which QEMU leaves as it is while it saves the rest (its migration
capability x-ignore-shared). Whoever is restored from it maps the file privately, so any
number of labs have one template, and their writes are forgotten with them."""

import os
import shutil
import subprocess
import time

from . import cache, images, machine, variant
from .dom0 import Dom0
from .machine import Machine
from .monitor import Monitor
from .say import LabError, step

# Raise when what make() does to dom0 changes.
VERSION = 1
SAVE_SECONDS = 120
# Each is some two GiB, most of which are dom0's root.
KEPT = 4
IGNORE_SHARED = "x-ignore-shared"
# What guests boot from, out of the disk: selftests/lib/guest.sh would do it at the first.
PREPARE = """udevadm settle; d=/run/xenpv/boot; mkdir -p $d.tmp &&
dd if=/dev/vda bs=4M iflag=direct status=none | tar -C $d.tmp -xf - && mv $d.tmp $d; sync"""


def usable():
    """Whether labs of this kind can be saved: an IOMMU cannot, a disk of the user's own is
    not the template's, and KVM boots as fast."""
    return not (variant.pvh_dom0() or machine.can_kvm() or os.environ.get("XENPV_LAB_DISK")
                or os.environ.get("XENPV_LAB_SNAPSHOT") == "0")


def start(lab):
    """Brings up a lab, from the template for its kind, which is made where there is none."""
    if not usable():
        lab.boot()
        return
    image = images.build()
    lab.cpus = lab.cpus or machine.processors()
    try:
        with cache.locked(f"template-{key(image, lab.cpus)}"):
            path = _find(image, lab.cpus) or _make(image, lab.cpus)
        lab.resume(image, (path / "console.log").read_bytes(),
                   [*_ram(path / "ram", share=False), "-incoming", "defer"],
                   lambda monitor: _load(monitor, path / "state"))
        # It takes the time of the template for now.
        code, out = Dom0(lab).run(f"date -s @{time.time():.0f}", timeout=60)
        if code:
            raise LabError(f"dom0 does not answer: {out.strip()}")
    except LabError as err:
        step(f"no lab from a template ({str(err).splitlines()[0]}): booting one")
        lab.stop()
        lab.boot()


def key(image, cpus):
    """What a template depends on."""
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], stdout=subprocess.PIPE, check=False)
    lab = Machine("template", cpus)
    argv = [word.replace(str(lab.dir), "") for word in lab.argv(image, 0)]
    return cache.digest(VERSION, PREPARE, qemu.stdout, argv)


def _folder(image, cpus):
    return cache.root() / "templates" / f"{image.name}-{cpus}-{key(image, cpus)}"


def _find(image, cpus):
    path = _folder(image, cpus)
    if not (path / "state").exists():
        return None
    os.utime(path)
    return path


def _ram(file, share):
    return ["-object", f"memory-backend-file,id=ram,size={machine.memory()},mem-path={file},"
            f"share={'on' if share else 'off'}", "-machine", "memory-backend=ram"]


def _make(image, cpus):
    path = _folder(image, cpus)
    tmp = path.with_suffix(".tmp")
    shutil.rmtree(tmp, ignore_errors=True)
    tmp.mkdir(parents=True)
    _forget()
    lab = Machine(f"template-{cpus}", cpus)
    lab.stop()
    try:
        lab.boot(more=_ram(tmp / "ram", share=True))
        code, out = Dom0(lab).run(PREPARE, timeout=SAVE_SECONDS)
        if code:
            raise LabError(f"dom0 cannot be prepared: {out.strip()}")
        _save(lab, tmp / "state")
        shutil.copyfile(lab.console_log, tmp / "console.log")
    finally:
        lab.stop()
    tmp.rename(path)
    return path


def _leave_memory(monitor):
    monitor.ask("migrate-set-capabilities",
                capabilities=[{"capability": IGNORE_SHARED, "state": True}])


def _load(monitor, file):
    _leave_memory(monitor)
    monitor.ask("migrate-incoming", uri=f"exec:cat '{file}'")


def _save(lab, file):
    monitor = Monitor(lab)
    _leave_memory(monitor)
    monitor.ask("stop")
    monitor.ask("migrate", uri=f"exec:cat >'{file}'")
    end = time.monotonic() + SAVE_SECONDS
    while True:
        status = monitor.ask("query-migrate").get("status")
        if status == "completed":
            return
        if status in ("failed", "cancelled") or time.monotonic() > end:
            raise LabError(f"QEMU did not save its state: {status}")
        time.sleep(0.1)


def _forget():
    """Room for one more. Who runs from one has it open."""
    folders = sorted((cache.root() / "templates").glob("*"), key=lambda path: path.stat().st_mtime)
    for path in [one for one in folders if one.suffix != ".tmp"][:-KEPT + 1]:
        shutil.rmtree(path, ignore_errors=True)

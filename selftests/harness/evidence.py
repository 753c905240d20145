# SPDX-License-Identifier: GPL-2.0
"""What a failing test leaves for who looks into it: a folder of build/failures."""

import os
import shutil
import subprocess
from pathlib import Path

from xenlab.dom0 import Dom0

from . import tests

# Where run-one and selftests/lib/evidence.sh put it in dom0.
IN_DOM0 = "/run/xenpv/evidence"
SECONDS = 30


def folder(test):
    """A new, empty folder for it."""
    top = Path(os.environ.get("XENPV_FAILURES") or tests.TREE / "build/failures")
    path = top / str(test).replace("/", "-")
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)
    return path


def collect(test, machine, report):
    """Fetches what dom0 kept, and the console of Xen and dom0; says where it is. A dom0
    that is gone leaves only its console."""
    path = folder(test)
    if machine.console_log.exists():
        shutil.copyfile(machine.console_log, path / "console-xen-dom0.log")
    if machine.state() and not machine.panicked():
        _fetch(machine, path, report)
    names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
    report.comment(f"# {test}: what was there is in {path}: {' '.join(names)}")


def _fetch(machine, path, report):
    dom0 = Dom0(machine)
    status, data = dom0.read(f"[ ! -e {IN_DOM0} ] || tar -C {IN_DOM0} -cf - . ; rm -rf {IN_DOM0}",
                             timeout=SECONDS)
    if status or not data:
        report.comment(f"# dom0 gave no evidence (status {status})")
        return
    subprocess.run(["tar", "-C", str(path), "-xf", "-"], input=data, check=False)

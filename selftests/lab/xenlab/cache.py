# SPDX-License-Identifier: GPL-2.0
"""Where things are: the source tree, the cache outside it, one lab's run directory."""

import contextlib
import fcntl
import hashlib
import os
import re
import time
from pathlib import Path

from .say import LabError, step

LAB = Path(__file__).resolve().parent.parent
SELFTESTS = LAB.parent
TREE = SELFTESTS.parent
# The folders of selftests/ that dom0 gets: its library, and the tests that run there.
PUSHED = ["lib", "blk", "net", "lifecycle", "interop", "guests", "evil", "lab/selftest"]


def root():
    """The cache: ${XENPV_CACHE:-~/.cache/xenpv}."""
    path = Path(os.environ.get("XENPV_CACHE") or Path.home() / ".cache" / "xenpv")
    path.mkdir(parents=True, exist_ok=True)
    return path


def instance():
    """The name of this lab: several labs can live side by side."""
    name = os.environ.get("XENPV_LAB") or "default"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", name):
        raise LabError(f"XENPV_LAB: '{name}' is not a name of letters, digits, '_', '.' and '-'")
    return name


def rundir(name):
    """A lab's own files: pid, ports, consoles. Another tree is another lab."""
    tree = hashlib.sha256(str(TREE).encode()).hexdigest()[:6]
    path = root() / "run" / f"{name}-{tree}"
    path.mkdir(parents=True, exist_ok=True)
    return path


def digest(*parts):
    """One short key for strings, lists and the contents of files and folders."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = sorted(p for p in part.rglob("*") if p.is_file()) if part.is_dir() else [part]
            for file in files:
                total.update(f"{file.relative_to(part)} {file.stat().st_mode & 0o111}\n".encode())
                total.update(file.read_bytes())
        else:
            total.update(repr(part).encode())
        total.update(b"\0")
    return total.hexdigest()[:12]


@contextlib.contextmanager
def locked(name):
    """Only one process at a time does the thing that 'name' names."""
    with open(root() / f"{name}.lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step(f"another lab command is busy with '{name}': waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def processors(lab, what, width):
    """A turn on this host's processors, as many of them as the lab has or there are.

    Under TCG, labs that work at the same time slow each other down by far more
    than their number (a processor of one is preempted while it holds a lock
    that the other spins on), so that tests run into their time-outs.
    """
    if os.environ.get("XENPV_LAB_TURNS") == "0":
        yield
        return
    turns = [open(root() / f"turn-{i}.lock", "a+", encoding="utf-8")
             for i in range(os.cpu_count() or 2)]
    told = time.monotonic()
    mine = []
    try:
        while not mine:
            mine = _lock(turns, min(width, len(turns)))
            if not mine:
                if time.monotonic() > told:
                    turns[0].seek(0)
                    step(f"waiting for {turns[0].read().strip() or 'another lab'} "
                         "(XENPV_LAB_TURNS=0: do not wait)")
                    told = time.monotonic() + 60
                time.sleep(0.3)
        for turn in mine:
            turn.truncate(0)
            turn.write(f"lab '{lab}': {what}\n")
            turn.flush()
        yield
    finally:
        for turn in turns:
            turn.close()


def _lock(files, number):
    """Locks as many of the files at once, or none: who held some would keep others waiting."""
    got = []
    for file in files:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            got.append(file)
        except BlockingIOError:
            continue
        if len(got) == number:
            return got
    for file in got:
        fcntl.flock(file, fcntl.LOCK_UN)
    return []

# SPDX-License-Identifier: GPL-2.0
"""The job of a kernel thread that makes block requests (selftests/bench/bioload)."""

from pathlib import Path

MODULE = "/run/xenpv/bioload.ko"
PARAMETERS = Path("/sys/module/bioload/parameters")
UNITS = {"k": 1 << 10, "m": 1 << 20}


def size_bytes(text):
    """4k, 1M: in bytes."""
    return int(text[:-1]) * UNITS[text[-1].lower()]


def insmod(seconds, kind, size, depth, disks):
    """The command; it ends when the thread has."""
    return ["insmod", MODULE, f"disks={','.join(disks)}", f"size={size_bytes(size)}",
            f"depth={depth}", f"milliseconds={seconds * 1000}",
            f"write={int(kind.endswith('write'))}",
            f"sequential={int(not kind.startswith('rand'))}"]


def run(dom0, seconds, kind, size, depth, *disks):
    """One thread's requests for each disk, SECONDS long; prints how many."""
    dom0.run(*insmod(seconds, kind, size, depth, disks))
    found = {name: (PARAMETERS / name).read_text(encoding="ascii").strip()
             for name in ("requests", "microseconds", "errors")}
    print(*(f"{name} {value}" for name, value in found.items()), f"size {size_bytes(size)}",
          flush=True)
    dom0.run("rmmod", "bioload")

# SPDX-License-Identifier: GPL-2.0
"""Reading sysfs and debugfs. A device may go at any time, and its files with it: what
cannot be read is None."""

import errno
import os
from pathlib import Path

# Prefixed to /sys and /proc, for the tests.
ROOT = Path(os.environ.get("XENPV_ROOT") or "/")
SYS = ROOT / "sys"
DEBUGFS = SYS / "kernel/debug"


def read(path):
    """The file's text, or None."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def entries(folder):
    """The names in a folder, sorted; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def inode(folder):
    """Tells a device from a later one of the same name; None where it is gone."""
    try:
        return os.stat(folder).st_ino
    except OSError:
        return None


def _mounted():
    """Whether debugfs is mounted where it belongs."""
    for line in (read(ROOT / "proc/mounts") or "").splitlines():
        words = line.split()
        if len(words) > 2 and words[2] == "debugfs" and words[1] == "/sys/kernel/debug":
            return True
    return False


def debugfs_trouble():
    """Why debugfs tells nothing of our drivers, with what to do; None where it does."""
    try:
        drivers = os.listdir(DEBUGFS / "xenpv")
        for driver in drivers:
            for device in os.listdir(DEBUGFS / "xenpv" / driver):
                with open(DEBUGFS / "xenpv" / driver / device / "state", "rb"):
                    return None
        return None
    except OSError as err:
        if err.errno == errno.EACCES:
            return "debugfs is not readable: run as root"
        if err.errno == errno.EPERM:
            return "debugfs is closed by the kernel's lockdown"
    if not _mounted():
        return "debugfs is not mounted: mount -t debugfs debugfs /sys/kernel/debug"
    if not (DEBUGFS / "xenpv").exists():
        return "debugfs has no folder xenpv: is the kernel booted with debugfs=off?"
    # A device went while it was looked at.
    return None

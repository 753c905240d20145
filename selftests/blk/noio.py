#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""noio.py BACKEND FRONTEND PID-OF-XENSTORED: see noio.sh.

Has the frontend connect anew, and all the while stops xenstored for a moment:
the device's work waits for it then, and its stack and flags can be read.
"""
import os
import re
import signal
import subprocess
import sys
import time

PF_MEMALLOC_NOIO = 0x00080000  # linux/sched.h, the same in 6.1 to 7.3
WANTED = 30  # looks at the work
LIMIT = 60  # seconds for them
WORK = "run_work", "device_work"  # common/device.c; the second may end in a jump

back, front, xenstored = sys.argv[1], sys.argv[2], int(sys.argv[3])


def xs(key, value=None):
    cmd = ["xenstore-read", key] if value is None else ["xenstore-write", key, value]
    return subprocess.run(cmd, capture_output=True, text=True).stdout.strip()


def kworkers():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as f:
                if f.read().startswith("kworker/u"):
                    yield pid
        except OSError:
            pass


def stack_of(pid):
    """Names of functions, without what compilers append."""
    with open(f"/proc/{pid}/stack") as f:
        return [re.split("[+.]", line.split()[1])[0] for line in f]


def look():
    """The functions that a device's work is in, and whether it may do I/O."""
    for pid in kworkers():
        stack = stack_of(pid)
        if not set(WORK) & set(stack):
            continue
        with open(f"/proc/{pid}/stat") as f:
            flags = int(f.read().rpartition(")")[2].split()[6])
        # A work that has gone on since is none to judge by.
        if stack == stack_of(pid):
            yield stack, bool(flags & PF_MEMALLOC_NOIO)


def connect_anew():
    """Writes as a backend that starts over does. Return: a process that waits."""
    script = f"""
        xenstore-write {back}/state 1
        until [ "$(xenstore-read {front}/state)" = 1 ]; do :; done
        xenstore-write {back}/state 2
        until [ "$(xenstore-read {front}/state)" = 3 ]; do :; done
        xenstore-write {back}/state 4
        until [ "$(xenstore-read {front}/state)" = 4 ]; do :; done"""
    return subprocess.Popen(["sh", "-c", script])


looks, bad, rounds = 0, {}, 0
end = time.monotonic() + LIMIT
while looks < WANTED and time.monotonic() < end:
    job = connect_anew()
    rounds += 1
    while job.poll() is None and time.monotonic() < end + 10:
        os.kill(xenstored, signal.SIGSTOP)
        try:
            time.sleep(0.005)  # whoever is at work gets to the next request
            for stack, noio in look():
                looks += 1
                if not noio:
                    where = " < ".join(stack)
                    bad[where] = bad.get(where, 0) + 1
        finally:
            os.kill(xenstored, signal.SIGCONT)
        time.sleep(0.002)
    job.kill()

print(f"{looks} looks at the work in {rounds} connections")
for where, n in sorted(bad.items(), key=lambda item: -item[1]):
    print(f"{n} times with I/O: {where}")
print("ok" if looks >= WANTED else "not ok", "- the work is seen often enough")
print("not ok" if bad else "ok", "- it never may wait for I/O")

# SPDX-License-Identifier: GPL-2.0
"""How much of a processor each domain used while a job ran.

Samples until SIGTERM; then "cpu NAME SHARE" of a part of the SECONDS before that: the job has
just ended, and its beginning and its end, which are of other work, are left out. "marks A B in
T s": that part is from the A-th last to the B-th last sample, each of which executed a no-op
that qemu/instructions.c knows.
"""

import os
import signal
import sys
import time

# Between samples; from the job's end to our signal at most.
STEP, LATE = 0.05, 0.5


# nopl 0x78707600(%rax,%rax); ret
MARK = bytes.fromhex("0f1f840000767078c3")


def marker():
    """A function that executes it."""
    # pylint: disable=import-outside-toplevel
    import ctypes
    import mmap
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(MARK)
    call = ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    call.memory = code
    return call


def xen_control():
    """Xen's own Python binding, which the unit tests have not."""
    # pylint: disable=import-outside-toplevel,import-error
    sys.path += [f"/usr/lib/xen-{version}/lib/python" for version in ("4.17", "4.20")]
    from xen.lowlevel import xc
    return xc.xc()


def sample(xen, mark):
    """The time, and what each domain has used until then."""
    mark()
    return time.monotonic(), {info["domid"]: info["cpu_time"] for info in xen.domain_getinfo()}


def shares(samples, seconds, names):
    """The lines for samples: (time, {domain: ns used}) each."""
    end = samples[-1][0] - LATE if samples else 0
    inside = [one for one in samples if end - 0.7 * seconds <= one[0] <= end]
    if len(inside) < 2:
        return ""
    (start, before), (end, after) = inside[0], inside[-1]
    first, last = (len(samples) - samples.index(one) for one in (inside[0], inside[-1]))
    lines = [f"marks {first} {last} in {end - start:.6f} s\n"]
    for domain, used in after.items():
        if str(domain) in names:
            share = (used - before.get(domain, used)) / 1e9 / (end - start)
            lines.append(f"cpu {names[str(domain)]} {share:.4f}\n")
    return "".join(lines)


def sampled(seconds, names):
    """Samples until the signal; the lines. names: {"0": "dom0", ...}."""
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    xen, mark, samples = xen_control(), marker(), []
    while not ended:
        samples.append(sample(xen, mark))
        time.sleep(STEP)
    return shares(samples, seconds, names)


def stop(pid):
    """Ends the sampling of a process."""
    os.kill(pid, signal.SIGTERM)

# SPDX-License-Identifier: GPL-2.0
"""A job's sample as it is printed: sections, each with a line "== NAME" before it, which
benchmarks/counters.py reads."""

import contextlib
import os
import subprocess
import sys
import traceback

from . import counters, cputime, domains, hypercalls
from .dom0 import Failed

# Classes PV and HVM, subclasses 1 and 2, of Xen's public header trace.h.
TRACE_PV, TRACE_HVM = 0x203000, 0x283000


def section(name, text=""):
    """Prints one, or its beginning."""
    print(f"== {name}\n{text}", end="", flush=True)


@contextlib.contextmanager
def errors_in_output():
    """What is printed on standard error goes to standard output meanwhile."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(2)
    os.dup2(1, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)


def output_of(job):
    """Runs a job as the section "output"; its failure, or None."""
    section("output")
    with errors_in_output():
        try:
            job()
        except Failed as err:
            return err
    return None


class Sampler:
    """A process beside the job that samples each domain's processor time (cputime.py). It is
    forked: another interpreter would take a second of the processor that the job wants."""

    def __init__(self, seconds, names, path):
        self.path = path
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            self._sample(seconds, names)

    def _sample(self, seconds, names):
        status = 1
        try:
            with open(self.path, "w", encoding="ascii", errors="replace") as file:
                try:
                    file.write(cputime.sampled(seconds, names))
                    status = 0
                except Exception:  # pylint: disable=broad-except
                    traceback.print_exc(file=file)
        finally:
            os._exit(status)  # what the parent has still to print is not ours

    def end(self):
        """What it found."""
        cputime.stop(self.pid)
        os.waitpid(self.pid, 0)
        return self.path.read_text(encoding="ascii") if self.path.exists() else ""


def count_guests(dom0, place):
    """From now on the counters are those of the guests, too."""
    dom0.counted = domains.guests(dom0) if place in domains.GUEST_PLACES else []


def measured(dom0, place, seconds, job, sampler=Sampler):
    """A job with the counters before and after, and each domain's share of a processor
    meanwhile."""
    count_guests(dom0, place)
    names = {"0": "dom0", **{domains.domid(dom0, guest): guest for guest in dom0.counted}}
    section("before", counters.read(dom0))
    sampling = sampler(seconds, names, dom0.state / "cpu")
    try:
        failure = output_of(job)
    finally:
        cpu = sampling.end()
    section("after", counters.read(dom0))
    section("cpu", cpu)
    if failure:
        raise failure


def xentrace(place, path):
    """The command that has Xen write down what it is called for."""
    mask = TRACE_HVM if place == "pvh" else TRACE_PV
    return ["xentrace", "-D", "-S", "1024", "-s", "50", "-e", hex(mask), str(path)]


def traced(dom0, place, job):
    """A job, and what Xen says was called meanwhile. This takes time of its own, so the
    figures of such a run are worth nothing."""
    count_guests(dom0, place)
    path = dom0.state / "trace"
    tracer = dom0.start(xentrace(place, path), stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL)
    dom0.sleep(0.5)
    try:
        failure = output_of(job)
    finally:
        tracer.terminate()
        tracer.wait()
    if not path.exists():
        raise Failed("xentrace has written nothing")
    section("hypercalls", hypercalls.text(path.read_bytes()))
    path.unlink()
    if failure:
        raise failure

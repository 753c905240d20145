# SPDX-License-Identifier: GPL-2.0
"""Runs tests in the lab and streams TAP; nothing that dom0 does can stop it."""

import math
import os
import queue
import re
import shlex
import subprocess
import sys
import threading
import time

from . import cache, packages
from .dom0 import Dom0
from .machine import Machine
from .say import LabError, step

DEFAULT_SECONDS = 120
# Snapshots, clean-up and verification around a test.
AROUND_SECONDS = int(os.environ.get("XENPV_LAB_AROUND") or 240)
# Goes that a test has while guests triple-fault, before the one that counts.
LOST_GUESTS = 3
RESULT = re.compile(r"(not ok|ok)\b *\d* *-? *(.*)")
# Variables of the caller that tests see.
PASSED_ON = ["GUEST_TYPE", "FRONT", "BACK", "ROUNDS", "DISKS"]


def all_tests():
    """The names of the normal tests: SUITE/NAME."""
    return [f"{suite}/{path.stem}" for suite in cache.SUITES
            for path in sorted((cache.SELFTESTS / suite).glob("*.sh")) if os.access(path, os.X_OK)]


def by_default(test):
    """Whether a test runs where none is named: not if its head says "# by name only"."""
    text = (cache.SELFTESTS / f"{test}.sh").read_text()
    return not re.search(r"^# by name only", text, re.M)


def selftests():
    """The names of the runner's own tests."""
    return [f"lab/selftest/{path.stem}"
            for path in sorted((cache.LAB / "selftest").glob("*.sh"))]


def select(names, list_file):
    """The tests that names (SUITE/NAME, NAME, SUITE) and a list file ask for."""
    names = list(names)
    if list_file:
        try:
            with open(list_file, encoding="utf-8") as lines:
                names += [line.split("#")[0].strip() for line in lines]
        except OSError as err:
            raise LabError(f"cannot read the list '{list_file}': {err.strerror}") from None
        names = [name for name in names if name]
        if not names:
            raise LabError(f"the list '{list_file}' names no test")
    every = all_tests()
    if not names:
        return [test for test in every if by_default(test)]
    chosen = []
    for name in names:
        name = name.removesuffix(".sh")
        found = [test for test in every + selftests()
                 if name in (test, test.rpartition("/")[2], test.rpartition("/")[0])]
        if not found:
            raise LabError(f"no test is named '{name}'; 'lab tests' lists them all")
        chosen += [test for test in found if test not in chosen]
    return chosen


def time_limit(test):
    """Seconds that a test may take by its own head, and then some."""
    text = (cache.SELFTESTS / f"{test}.sh").read_text()
    found = re.search(r"^# timeout: *(\d+)", text, re.M)
    return int(found.group(1)) if found else DEFAULT_SECONDS


def time_factor():
    """What all time-outs are multiplied by: a busy host is not a hung kernel."""
    given = os.environ.get("XENPV_TIME_FACTOR")
    if given:
        if not re.fullmatch(r"[1-9]\d?", given):
            raise LabError(f"XENPV_TIME_FACTOR: '{given}' is not a number from 1 to 99")
        return int(given)
    return min(10, max(1, math.ceil(1.5 * os.getloadavg()[0] / os.cpu_count())))


class Tally:
    """Numbers the results of all tests through and counts them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.held = None

    def hold(self):
        """From the first failure on, what is said waits for settle()."""
        self.held = []

    def settle(self, forget):
        """Says what was held, or forgets it."""
        held, self.held = self.held or [], None
        for good, text in [] if forget else held:
            if good is None:
                self.comment(text)
            else:
                self.result(good, text)

    def comment(self, line):
        """Prints a line that is no result."""
        if self.held:
            self.held.append((None, line))
        else:
            print(line, flush=True)

    def result(self, good, text):
        """Prints one result line."""
        if self.held or (self.held is not None and not good):
            self.held.append((good, text))
            return
        if not good and not re.search(r"# *TODO", text, re.I):
            self.failed += 1
        elif re.search(r"# *(SKIP|TODO)", text, re.I):
            self.skipped += 1
        else:
            self.passed += 1
        print(f"{'ok' if good else 'not ok'} {self.total()} - {text}", flush=True)

    def total(self):
        """How many results there are so far."""
        return self.passed + self.failed + self.skipped

    def diagnostics(self, title, lines):
        """Lines as TAP diagnostics."""
        self.comment(f"# {title}")
        for line in lines:
            self.comment(f"# | {line}")

    def finish(self):
        """The plan and the verdict; the exit status."""
        print(f"1..{self.total()}")
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or not self.passed + self.skipped else 0


class Watched:
    """A command in dom0 whose output is read with a deadline, even if dom0 dies."""

    def __init__(self, machine, command, seconds):
        self.machine = machine
        self.deadline = time.monotonic() + seconds
        self.proc = Dom0(machine).popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.problem = None

    def _read(self):
        for line in self.proc.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\r\n"))
        self.lines.put(None)

    def __iter__(self):
        while True:
            try:
                line = self.lines.get(timeout=0.5)
            except queue.Empty:
                line = ""
                if not self.machine.state():
                    self.problem = "dom0 crashed (QEMU has ended)"
                elif time.monotonic() > self.deadline:
                    self.problem = "time-out: dom0 did not come back in time"
                elif self.machine.panicked():
                    self.problem = "dom0 or Xen panicked"
                if not self.problem:
                    continue
            if line is None or self.problem:
                break
            yield line
        self.end()

    def abandon(self):
        """Nobody wants the rest: dom0 is about to be stopped."""
        self.proc.kill()
        self.proc.wait()

    def end(self):
        """Reaps the ssh client; it never outlives the command."""
        if self.problem:
            self.proc.kill()
        try:
            self.proc.wait(10)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        if not self.problem and self.proc.returncode == 255:
            # ssh itself failed: dom0 may be dying just now
            for _ in range(20):
                if not self.machine.state() or self.machine.panicked():
                    break
                time.sleep(0.5)
            self.problem = "dom0 crashed" if not self.machine.state() or \
                self.machine.panicked() else "the connection to dom0 broke"


class Runner:
    """One run over a list of tests."""

    def __init__(self, fresh):
        self.machine = Machine()
        self.tally = Tally()
        self.fresh = fresh
        self.trust = False

    def up(self):
        """An alive lab with everything pushed."""
        if not self.machine.state():
            self.machine.boot()
            self.trust = False
        Dom0(self.machine).push()

    def one(self, test):
        """Runs a test; False where the lab must be booted again.

        A test whose guest QEMU has lost (README.md, Traps) says nothing about the
        drivers: it begins anew, in a new boot. The last go counts, whatever it says."""
        good = self.goes(test)
        if not self.machine.cpus:
            return good
        self.machine.cpus = None
        return False

    def goes(self, test):
        """As many as it takes; all but the first with one processor, which loses no guest."""
        for _ in range(LOST_GUESTS):
            since = self.machine.console_size()
            lost = None
            self.tally.hold()
            try:
                good = self.attempt(test, since)
                lost = self.tally.held and self.machine.lost_guest(since)
            finally:
                self.tally.settle(forget=bool(lost))
            if not lost:
                return good
            print(f"# {test}: a guest has triple-faulted at {lost}; anew, in a new boot "
                  "with one processor", flush=True)
            self.machine.stop()
            self.machine.cpus = "1"
            self.up()
        return self.attempt(test)

    def attempt(self, test, since=None):
        """Runs a test and verifies; False where the lab must be booted again.

        Ends at the first failure after a guest was lost since that console_size()."""
        start = time.monotonic()
        factor = time_factor()
        env = [f"{key}={shlex.quote(os.environ[key])}" for key in PASSED_ON if key in os.environ]
        command = " ".join([f"XENPV_TIME_FACTOR={factor}", *env, "/xenpv/selftests/lib/run-one",
                            *(["--trust"] if self.trust else []), test])
        watched = Watched(self.machine, command, (time_limit(test) + AROUND_SECONDS) * factor)
        seen, planned, skipped_all, timed_out = 0, None, None, False
        for line in watched:
            found = RESULT.fullmatch(line)
            plan = re.fullmatch(r"1\.\.(\d+)(?: *# *SKIP *(.*))?", line, re.I)
            if found:
                own = not found.group(2).startswith(f"{test}: ")
                seen += own
                timed_out |= not own and "time-out" in line
                self.tally.result(found.group(1) == "ok",
                                  f"{test}: {found.group(2)}" if own else found.group(2))
                if self.tally.held and since is not None and self.machine.lost_guest(since):
                    watched.abandon()
                    return False
            elif plan:
                planned, skipped_all = int(plan.group(1)), plan.group(2)
            elif line:
                self.tally.comment(line if line.startswith("#") else f"# {line}")
        if not timed_out:
            self.judge(test, watched, seen, planned, skipped_all)
        self.tally.comment(f"# {test}: {time.monotonic() - start:.1f} s")
        # What this test left is what the next one finds, where nobody else
        # uses the lab in between.
        self.trust = self.fresh
        return not watched.problem and watched.proc.returncode == 0

    def judge(self, test, watched, seen, planned, skipped_all):
        """What the test as a whole did wrong."""
        if watched.problem:
            self.tally.result(False, f"{test}: {watched.problem}")
            lines = 40
            if self.machine.state() and not self.machine.panicked():
                self.machine.xen_keys(b"0")  # where dom0's processors are
                lines = 120
            time.sleep(0.5)
            self.tally.diagnostics("the console of Xen and dom0 ends with:",
                                   self.machine.console_tail(lines))
        elif planned is None:
            self.tally.result(False, f"{test}: ended without a plan")
        elif planned == 0 and not seen:
            self.tally.result(True, f"{test} # SKIP {skipped_all or ''}")
        elif planned != seen:
            self.tally.result(False, f"{test}: planned {planned} results, gave {seen}")

    def end_of_boot(self):
        """Verifies once more against the state right after the boot."""
        if not self.machine.state():
            return
        watched = Watched(self.machine, "/xenpv/selftests/lib/run-one --end",
                          AROUND_SECONDS * time_factor())
        for line in watched:
            found = RESULT.fullmatch(line)
            if found:
                self.tally.result(found.group(1) == "ok", found.group(2))
            elif line:
                print(line if line.startswith("#") else f"# {line}", flush=True)
        if watched.problem:
            self.tally.result(False, f"end of the boot: {watched.problem}")
            self.tally.diagnostics("the console ends with:", self.machine.console_tail(40))

    def all(self, tests):
        """Runs the list, booting as often as it takes."""
        for test in tests:
            try:
                with cache.processor(test):
                    self.up()
                    good = self.one(test)
            except LabError as err:
                self.tally.result(False, f"{test}: {str(err).splitlines()[0]}")
                self.tally.diagnostics("the lab:", str(err).splitlines()[1:])
                good = False
            if not good:
                step("booting the lab again: its dom0 is gone or dirty")
                self.machine.stop()
        if tests and self.fresh:
            with cache.processor("the end of a run"):
                self.end_of_boot()


def run(tests, keep, fresh=False):
    """The exit status of a whole run."""
    packages.install()
    print("TAP version 13", flush=True)
    runner = Runner(fresh)
    if fresh:
        runner.machine.stop()
    try:
        runner.all(tests)
    finally:
        if not keep:
            runner.machine.stop()
    return runner.tally.finish()

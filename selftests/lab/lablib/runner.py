# SPDX-License-Identifier: GPL-2.0
"""Runs tests in the lab and streams TAP; nothing that dom0 does can stop it."""

import math
import os
import queue
import re
import shlex
import subprocess
import threading
import time

from . import cache, images, packages
from .dom0 import Dom0
from .machine import Machine
from .say import LabError, step
from .tally import Report, Tally

DEFAULT_SECONDS = 120
# Snapshots, clean-up and verification around a test.
AROUND_SECONDS = int(os.environ.get("XENPV_LAB_AROUND") or 240)
# Goes that a test has while guests triple-fault, before the one that counts.
LOST_GUESTS = 3
RESULT = re.compile(r"(not ok|ok)\b *\d* *-? *(.*)")
# Variables of the caller that tests see.
PASSED_ON = ["GUEST_TYPE", "FRONT", "BACK", "ROUNDS", "DISKS", "TIER"]


def all_tests():
    """The names of the normal tests: SUITE/NAME."""
    return [f"{suite}/{path.stem}" for suite in cache.SUITES
            for path in sorted((cache.SELFTESTS / suite).glob("*.sh")) if os.access(path, os.X_OK)]


def has_line(test, line):
    """Whether a test's head has the comment "# LINE"."""
    text = (cache.SELFTESTS / f"{test}.sh").read_text()
    return bool(re.search(rf"^# {line}", text, re.M))


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
        return [test for test in every if not has_line(test, "by name only")]
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


def check_variables():
    """A wrong one is told at once: in the middle of a run it would cost the alive lab."""
    time_factor()
    Machine().width()


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
    """One lab that takes tests from a list; several of them may share the list."""

    def __init__(self, machine, report, fresh):
        self.machine = machine
        self.report = report
        self.fresh = fresh
        self.trust = False
        self.ended = False

    def up(self):
        """An alive lab with everything pushed."""
        if self.ended:
            raise LabError("the run has been stopped")
        if not self.machine.state():
            self.machine.boot()
            self.trust = False
        Dom0(self.machine).push()

    def stop(self):
        """Ends the lab, which is not to come up again."""
        self.ended = True
        self.machine.stop()

    def one(self, test):
        """Runs a test; False where the lab must be booted again.

        A test whose guest QEMU has lost (README.md, Traps) says nothing about the
        drivers: it begins anew, in a new boot. The last go counts, whatever it says."""
        cpus = self.machine.cpus
        good = self.goes(test)
        if self.machine.cpus == cpus:
            return good
        self.machine.cpus = cpus
        return False

    def goes(self, test):
        """As many as it takes; all but the first with one processor, which loses no guest."""
        for _ in range(LOST_GUESTS):
            since = self.machine.console_size()
            lost = None
            self.report.hold()
            try:
                good = self.attempt(test, since)
                lost = self.report.held and self.machine.lost_guest(since)
            finally:
                self.report.settle(forget=bool(lost))
            if not lost:
                return good
            self.report.comment(f"# {test}: a guest has triple-faulted at {lost}; anew, in a "
                                "new boot with one processor")
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
                self.report.result(found.group(1) == "ok",
                                   f"{test}: {found.group(2)}" if own else found.group(2))
                if self.report.held and since is not None and self.machine.lost_guest(since):
                    watched.abandon()
                    return False
            elif plan:
                planned, skipped_all = int(plan.group(1)), plan.group(2)
            elif line:
                self.report.comment(line if line.startswith("#") else f"# {line}")
        if not timed_out:
            self.judge(test, watched, seen, planned, skipped_all)
        self.report.comment(f"# {test}: {time.monotonic() - start:.1f} s")
        # What this test left is what the next one finds, where nobody else
        # uses the lab in between.
        self.trust = self.fresh
        return not watched.problem and watched.proc.returncode == 0

    def judge(self, test, watched, seen, planned, skipped_all):
        """What the test as a whole did wrong."""
        if watched.problem:
            self.report.result(False, f"{test}: {watched.problem}")
            lines = 40
            if self.machine.state() and not self.machine.panicked():
                self.machine.xen_keys(b"0")  # where dom0's processors are
                lines = 120
            time.sleep(0.5)
            self.report.diagnostics("the console of Xen and dom0 ends with:",
                                    self.machine.console_tail(lines))
        elif planned is None:
            self.report.result(False, f"{test}: ended without a plan")
        elif planned == 0 and not seen:
            self.report.result(True, f"{test} # SKIP {skipped_all or ''}")
        elif planned != seen:
            self.report.result(False, f"{test}: planned {planned} results, gave {seen}")

    def end_of_boot(self):
        """Verifies once more against the state right after the boot."""
        if not self.machine.state():
            return
        watched = Watched(self.machine, "/xenpv/selftests/lib/run-one --end",
                          AROUND_SECONDS * time_factor())
        for line in watched:
            found = RESULT.fullmatch(line)
            if found:
                self.report.result(found.group(1) == "ok", found.group(2))
            elif line:
                self.report.comment(line if line.startswith("#") else f"# {line}")
        if watched.problem:
            self.report.result(False, f"end of the boot: {watched.problem}")
            self.report.diagnostics("the console ends with:", self.machine.console_tail(40))

    def all(self, tests):
        """Runs what the list still has, booting as often as it takes; the list gets empty."""
        idle = True
        while tests and not self.ended:
            try:
                test = tests.pop(0)
            except IndexError:  # another lab was quicker
                break
            idle = False
            try:
                with cache.processors(self.machine.name, test, self.machine.width()):
                    self.up()
                    good = self.one(test)
            except LabError as err:
                self.report.result(False, f"{test}: {str(err).splitlines()[0]}")
                self.report.diagnostics("the lab:", str(err).splitlines()[1:])
                good = False
            except Exception as err:  # pylint: disable=broad-except
                # In a thread nobody else would hear of it, nor of the test.
                self.report.result(False, f"{test}: the runner: {type(err).__name__}: {err}")
                good = False
            self.report.end()
            if not good:
                step("booting the lab again: its dom0 is gone or dirty")
                self.machine.stop()
        if self.fresh and not idle and not self.ended:
            with cache.processors(self.machine.name, "the end of a run", self.machine.width()):
                self.end_of_boot()
            self.report.end()


def run(tests, keep, fresh=False):
    """The exit status of a whole run, one test at a time."""
    check_variables()
    packages.install()
    print("TAP version 13", flush=True)
    tally = Tally()
    runner = Runner(Machine(), Report(tally), fresh)
    if fresh:
        runner.machine.stop()
    try:
        runner.all(list(tests))
    finally:
        if not keep:
            runner.stop()
    return tally.finish()


def run_abreast(tests, labs):
    """The exit status of a whole run by several labs of one processor each.

    Tests that say "# two processors" come last, one at a time, in a lab that has them:
    with one, no two of dom0's processors ever run at the same time."""
    check_variables()
    packages.install()
    images.build()
    print("TAP version 13", flush=True)
    tally = Tally()
    last = [test for test in tests if has_line(test, "two processors")]
    # the longest first, so that the labs end together
    todo = sorted((test for test in tests if test not in last), key=time_limit, reverse=True)
    runners = [Runner(Machine(f"{cache.instance()}-{i + 1}", "1"), Report(tally, at_once=False),
                      True) for i in range(labs)]
    alone = Runner(Machine(), Report(tally), True)
    threads = [threading.Thread(target=runner.all, args=(todo,), daemon=True)
               for runner in runners]
    try:
        for runner in [*runners, alone]:
            runner.machine.stop()
        for thread in threads:
            thread.start()
        for thread, runner in zip(threads, runners):
            thread.join()
            runner.stop()
        tally.print([(False, f"{test}: was not run") for test in todo])
        alone.all(last)
    finally:
        for runner in [*runners, alone]:
            runner.stop()
    return tally.finish()

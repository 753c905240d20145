# SPDX-License-Identifier: GPL-2.0
"""Runs tests in one lab; nothing that dom0 does can stop it."""

import os
import queue
import shlex
import subprocess
import threading
import time

from xenlab import hostload, template
from xenlab.dom0 import Dom0
from xenlab.say import LabError, step

from . import evidence, tap

# Snapshots, clean-up and verification around a test.
AROUND_SECONDS = int(os.environ.get("XENPV_LAB_AROUND") or 240)
# Goes that a test has while guests triple-fault, before the one that counts.
LOST_GUESTS = 3
# Variables of the caller that tests see.
PASSED_ON = ["GUEST_TYPE", "FRONT", "BACK", "ROUNDS", "DISKS", "XENPV_TRACE"]
RUN_ONE = "/xenpv/selftests/lib/run-one"


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
    """One lab and what runs in it."""

    def __init__(self, machine, tier, fresh):
        self.machine = machine
        self.tier = tier
        self.fresh = fresh
        self.report = None
        self.trust = False
        self.ended = False

    def up(self):
        """An alive lab with everything pushed."""
        if self.ended:
            raise LabError("the run has been stopped")
        if not self.machine.state():
            template.start(self.machine)
            self.trust = False
        Dom0(self.machine).push()

    def stop(self):
        """Ends the lab, which is not to come up again."""
        self.ended = True
        self.machine.stop()

    def run(self, test, report):
        """Runs a test, in a lab that is booted where there is none, and reports. A lab that
        the test has spoilt is ended."""
        self.report = report
        busy = 0.0
        try:
            self.up()
            report.restart()
            since = self.machine.waited()
            good = self._one(test)
            if good:  # else it may be another machine
                busy = self.machine.waited() - since
        except LabError as err:
            report.result(False, f"{test}: {str(err).splitlines()[0]}")
            report.diagnostics("the lab:", str(err).splitlines()[1:])
            good = False
        except Exception as err:  # pylint: disable=broad-except
            # In a thread nobody else would hear of it, nor of the test.
            report.result(False, f"{test}: the runner: {type(err).__name__}: {err}")
            good = False
        if report.failures:
            evidence.collect(test, self.machine, report)
        if not good:
            step("booting the lab again: its dom0 is gone or dirty")
            self.machine.stop()
        report.end(busy)

    def _one(self, test):
        """False where the lab must be booted again.

        A test whose guest QEMU has lost (README.md of the lab, Traps) says nothing about
        the drivers: it begins anew, in a new boot. The last go counts, whatever it says."""
        cpus = self.machine.cpus
        good = self._goes(test)
        if self.machine.cpus == cpus:
            return good
        self.machine.cpus = cpus
        return False

    def _goes(self, test):
        """As many as it takes; all but the first with one processor, which loses no guest."""
        for _ in range(LOST_GUESTS):
            since = self.machine.console_size()
            lost = None
            self.report.hold()
            try:
                good = self._attempt(test, since)
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
        return self._attempt(test)

    def _command(self, test, factor):
        """What run-one gets: it reads no head itself."""
        env = {"XENPV_TIME_FACTOR": factor, "TIER": self.tier, "TEST_SECONDS": test.timeout,
               "TEST_ALLOWS": test.head.get("allow", ""),
               "TEST_LEAKS": test.head.get("leaks memory", "")}
        env.update({key: os.environ[key] for key in PASSED_ON if key in os.environ})
        words = [f"{key}={shlex.quote(str(value))}" for key, value in env.items()]
        return " ".join([*words, RUN_ONE, *(["--trust"] if self.trust else []), test.name])

    def _attempt(self, test, since=None):
        """Runs a test and verifies; False where the lab must be booted again.

        Ends at the first failure after a guest was lost since that console_size()."""
        factor = hostload.time_factor()
        watched = Watched(self.machine, self._command(test, factor),
                          (test.timeout + AROUND_SECONDS) * factor)
        stream = tap.Stream(self.report, f"{test}: ")
        timed_out = False
        for line in watched:
            found = tap.RESULT.fullmatch(line)
            if found and found.group(3).startswith(f"{test}: "):
                # run-one's own
                timed_out |= "time-out" in line
                self.report.result(found.group(1) == "ok", found.group(3))
            else:
                stream.line(line)
            if found and self.report.held and since is not None and \
                    self.machine.lost_guest(since):
                watched.abandon()
                return False
        if watched.problem:
            self._problem(test, watched.problem)
        elif not timed_out:
            stream.judge(test)
        # What this test left is what the next one finds, where nobody else
        # uses the lab in between.
        self.trust = self.fresh
        return not watched.problem and watched.proc.returncode == 0

    def _problem(self, test, problem):
        """dom0 is dead or silent: what its console shows."""
        self.report.result(False, f"{test}: {problem}")
        lines = 40
        if self.machine.state() and not self.machine.panicked():
            self.machine.xen_keys(b"0")  # where dom0's processors are
            lines = 120
        time.sleep(0.5)
        self.report.diagnostics("the console of Xen and dom0 ends with:",
                                self.machine.console_tail(lines))

    def end_of_boot(self, report):
        """Verifies once more against the state right after the boot."""
        if not self.fresh or self.ended or not self.machine.state():
            return
        self.report = report
        watched = Watched(self.machine, f"{RUN_ONE} --end",
                          AROUND_SECONDS * hostload.time_factor())
        for line in watched:
            found = tap.RESULT.fullmatch(line)
            if found:
                report.result(found.group(1) == "ok", found.group(3))
            elif line:
                report.comment(line)
        if watched.problem:
            self._problem("the end of the boot", watched.problem)
        if report.failures:
            evidence.collect("end-of-boot", self.machine, report)
        report.end()

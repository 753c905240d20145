# SPDX-License-Identifier: GPL-2.0
"""A run: the tests of this machine and those of the lab, by as many workers as there are
processors; each worker has a lab of its own, of one processor."""

import os
import re
import subprocess
import threading
import time

from xenlab import cache, hostload, images, packages
from xenlab.machine import Machine
from xenlab.say import LabError, step

from . import durations, host, tests
from .runner import Runner
from .tap import Report, Tally


def workers():
    """As many as there are processors, each with a lab of one; XENPV_LABS=N says else."""
    given = os.environ.get("XENPV_LABS")
    if given is None:
        return 1 if os.environ.get("XENPV_LAB_CPUS") else min(os.cpu_count() or 1, 4)
    if not re.fullmatch(r"[1-9]", given):
        raise LabError(f"XENPV_LABS: '{given}' is not a number from 1 to 9")
    return int(given)


class Prepared:
    """The lab's images and our modules, made once, when the first test wants a lab."""

    def __init__(self):
        self.lock = threading.Lock()
        self.error = None
        self.done = False

    def wait(self):
        """Makes them, or waits for who makes them; raises LabError where that failed."""
        with self.lock:
            if not self.done:
                try:
                    self._make()
                except LabError as err:
                    self.error = err
                self.done = True
        if self.error:
            raise self.error

    def _make(self):
        packages.install()
        images.build()
        if os.environ.get("XENPV_MODULES"):
            return
        step("building our modules for the lab's kernel")
        env = {key: value for key, value in os.environ.items() if key not in host.NOT_PASSED_ON}
        done = subprocess.run(["make", "-s", "--no-print-directory", f"-j{os.cpu_count() or 1}",
                               "lab-modules"], cwd=tests.TREE, env=env, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            tail = done.stdout.decode(errors="replace").splitlines()[-30:]
            raise LabError("\n".join(["our modules do not build: make lab-modules", *tail]))


class Pool:
    """Takes tests until none is left or there is no more time."""

    def __init__(self, chosen, tier, keep=False):
        check_variables()
        self.tier = tier
        self.keep = keep
        self.tally = Tally()
        self.prepared = Prepared()
        self.deadline = None
        limit = os.environ.get("XENPV_CHECK_SECONDS")
        if limit:
            self.deadline = time.monotonic() + int(limit)
        chosen = durations.longest_first(chosen, tier)
        # Tests that keep the whole machine busy come last, one at a time.
        self.last = [test for test in chosen if test.processors > 1]
        self.lab = [test for test in chosen if test.in_lab and test not in self.last]
        self.host = [test for test in chosen if not test.in_lab and test not in self.last]
        self.runners = []

    def left(self):
        """Seconds that the run still has."""
        return self.deadline - time.monotonic() if self.deadline else 1e9

    def one(self, runner, test, at_once):
        """Runs one test where it belongs."""
        report = Report(self.tally, test.name, at_once)
        if self.left() <= 0:
            report.result(False, f"{test}: no time left of XENPV_CHECK_SECONDS="
                          f"{os.environ['XENPV_CHECK_SECONDS']}")
            report.end()
        elif not test.in_lab:
            host.run(test, report, self.tier, self.left())
            report.end()
        else:
            try:
                self.prepared.wait()
            except LabError as err:
                report.result(False, f"{test}: {str(err).splitlines()[0]}")
                report.diagnostics("the lab:", str(err).splitlines()[1:])
                report.end()
                return
            with cache.processors(runner.machine.name, test.name, runner.machine.width()):
                runner.run(test, report)

    def work(self, runner, first, second, at_once=False):
        """A worker's: takes from its first list, then from the other, until both are empty."""
        while not runner.ended:
            for todo in first, second:
                try:
                    test = todo.pop(0)
                    break
                except IndexError:
                    continue
            else:
                break
            self.one(runner, test, at_once)
        self.close(runner)

    def close(self, runner):
        """A lab's last verification, and its end."""
        if runner.machine.state() and not runner.ended:
            with cache.processors(runner.machine.name, "the end of a run",
                                  runner.machine.width()):
                runner.end_of_boot(Report(self.tally, f"end of the boot, {runner.machine.name}",
                                          at_once=False))
        if not self.keep:
            runner.stop()

    def _runner(self, name=None, cpus=None, fresh=True):
        runner = Runner(Machine(name, cpus), self.tier, fresh)
        self.runners.append(runner)
        if fresh:
            runner.machine.stop()
        return runner

    def abreast(self):
        """The tests that share the machine. The last worker begins with those that need no
        lab, so that images are made meanwhile."""
        number = min(workers(), len(self.lab) + len(self.host))
        if number == 1:
            one = self._runner()
            self.work(one, self.host, self.lab, at_once=True)
            return
        abreast = [self._runner(f"{cache.instance()}-{i + 1}", "1") for i in range(number)]
        threads = []
        for runner in abreast:
            lists = (self.lab, self.host) if runner is not abreast[-1] else (self.host, self.lab)
            threads.append(threading.Thread(target=self.work, args=(runner, *lists), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.tally.print([(test.name, False, f"{test}: was not run")
                          for test in self.lab + self.host])

    def alone(self):
        """The tests that have the machine to themselves."""
        runner = self._runner()
        while self.last:
            self.one(runner, self.last.pop(0), at_once=True)
        self.close(runner)

    def run(self):
        """All of them; labs never outlive it."""
        print("TAP version 13", flush=True)
        try:
            if self.lab or self.host:
                self.abreast()
            if self.last:
                self.alone()
        finally:
            for runner in self.runners:
                runner.stop()
        return self.tally

    def run_alive(self):
        """In the lab that is alive, or one that stays so."""
        print("TAP version 13", flush=True)
        runner = self._runner(fresh=False)
        for test in [*self.host, *self.lab, *self.last]:
            self.one(runner, test, at_once=True)
        return self.tally


def check_variables():
    """A wrong one is told at once: in the middle of a run it would cost the alive lab."""
    hostload.time_factor()
    Machine().width()
    workers()
    limit = os.environ.get("XENPV_CHECK_SECONDS")
    if limit and not limit.isdecimal():
        raise LabError(f"XENPV_CHECK_SECONDS: '{limit}' is not a number of seconds")

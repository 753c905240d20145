# SPDX-License-Identifier: GPL-2.0
"""Runs a test of this machine: a script that prints TAP."""

import os
import queue
import signal
import subprocess
import threading
import time

from xenlab import hostload

from . import evidence, tap, tests

# What a stray process of a test may hold the output open for.
LINGER_SECONDS = 5
# Scripts that call make are not part of the one that called this.
NOT_PASSED_ON = ["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "XENPV_SELFTESTS"]


class HostRun:
    """One run of one script."""

    def __init__(self, test, report, tier, seconds):
        self.test = test
        self.report = report
        self.seconds = seconds
        self.lines = queue.Queue()
        self.kept = []
        env = {key: value for key, value in os.environ.items() if key not in NOT_PASSED_ON}
        # A session of its own, all of which goes at the time-out.
        self.proc = subprocess.Popen([str(test.path)], cwd=tests.TREE, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                     env={**env, "TIER": tier}, start_new_session=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.proc.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\r\n"))
        self.lines.put(None)

    def _output(self):
        """Its lines until it has ended; raises TimeoutError, or says that it lingers."""
        deadline, ended = time.monotonic() + self.seconds, None
        while True:
            try:
                line = self.lines.get(timeout=0.2)
            except queue.Empty:
                now = time.monotonic()
                if self.proc.poll() is None:
                    if now > deadline:
                        raise TimeoutError from None
                    continue
                ended = ended or now
                if now - ended < LINGER_SECONDS:
                    continue
                yield "not ok - ended but left a process that holds its output open"
                return
            if line is None:
                return
            yield line

    def run(self):
        """Runs it to its end and judges it."""
        stream = tap.Stream(self.report, "")
        cut = False
        try:
            for line in self._output():
                self.kept.append(line)
                stream.line(line)
            status = self.proc.wait(LINGER_SECONDS)
        except (TimeoutError, subprocess.TimeoutExpired):
            cut = True
        finally:
            self.kill()
        if cut:
            self.report.result(False, f"{self.test}: cut off after {self.seconds:.0f} s")
        elif status and not stream.failed:
            self.report.result(False, f"{self.test}: ended with status {status}")
        else:
            stream.judge(self.test)
        if self.report.failures:
            folder = evidence.folder(self.test)
            (folder / "output.txt").write_text("\n".join(self.kept) + "\n", encoding="utf-8")
            self.report.comment(f"# {self.test}: all of its output is in {folder}")

    def kill(self):
        """Ends what is left of its session."""
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.wait()


def run(test, report, tier, left):
    """Runs one test; LEFT is how many seconds the whole run still has."""
    seconds = min(test.timeout * hostload.time_factor(), left)
    try:
        HostRun(test, report, tier, seconds).run()
    except OSError as err:
        report.result(False, f"{test}: cannot be run: {err.strerror}")

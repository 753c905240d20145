# SPDX-License-Identifier: GPL-2.0
"""Programs in dom0 and at the ends of its devices, and the files kept between two calls."""

import os
import subprocess
import sys
import time
from pathlib import Path

# The programs are where selftests/lib/lab.sh looks for them.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# The tests' library, without the verdict that it prints for a test.
LIBRARY = (". /xenpv/selftests/lib/lab.sh; trap - EXIT; "
           ". /xenpv/selftests/lib/cleanup.sh; ")


class Failed(Exception):
    """What could not be done, in one line, with the status to end with."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def shown(argv):
    """A command as a message names it: its beginning."""
    text = " ".join(" ".join(argv).split())
    return text if len(text) <= 100 else f"{text[:100]}..."


class Dom0:
    """What everything here runs programs with; the unit tests have a double of it."""

    def __init__(self, state=Path("/run/xenpv/bench"), factor=1, guest_seconds=120):
        self.state = state          # a folder, from place_begin to place_end
        self.factor = factor        # what seconds are multiplied by on a busy host
        self.guest_seconds = guest_seconds  # for one command in a guest
        self.counted = []           # guests whose counters are read beside dom0's

    # what the unit tests replace

    def execute(self, argv, **streams):
        """Runs a program to its end; its status, and its output where stdout is a pipe."""
        sys.stdout.flush()
        try:
            done = subprocess.run(argv, check=False, encoding="utf-8", errors="replace", **streams)
        except FileNotFoundError:
            raise Failed(f"dom0 has no program '{argv[0]}'", 127) from None
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return status, done.stdout or ""

    def start(self, argv, **streams):
        """Starts a program in the background."""
        sys.stdout.flush()
        try:
            return subprocess.Popen(argv, encoding="utf-8", errors="replace", **streams)
        except FileNotFoundError:
            raise Failed(f"dom0 has no program '{argv[0]}'", 127) from None

    def sleep(self, seconds):
        """Waits."""
        time.sleep(seconds)

    # what the rest is made of

    def run(self, *argv, **streams):
        """Runs a program, which has to succeed."""
        status, _ = self.execute(argv, **streams)
        if status:
            raise Failed(f"{shown(argv)}: status {status}", status)

    def output(self, *argv, **streams):
        """What a program prints; it has to succeed."""
        status, text = self.execute(argv, stdout=subprocess.PIPE, **streams)
        if status:
            raise Failed(f"{shown(argv)}: status {status}", status)
        return text

    def ask(self, *argv):
        """What a program prints, which may fail: then mostly nothing."""
        _, text = self.execute(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return text

    def quietly(self, *argv):
        """Runs a program of which only the status is of interest; whether it succeeds."""
        status, _ = self.execute(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        return not status

    def argv_at(self, end, command):
        """How a shell command is run at an end: dom0, peerN (a name space of dom0), or a
        guest."""
        if end == "dom0":
            return ["bash", "-c", command]
        if end.startswith("peer"):
            return ["ip", "netns", "exec", end, "bash", "-c", command]
        return ["guestctl", "-t", str(self.guest_seconds * self.factor), "run", end, command]

    def at(self, end, command, **streams):
        """Runs a shell command at an end; it has to succeed."""
        status, _ = self.execute(self.argv_at(end, command), **streams)
        if status:
            raise Failed(f"at {end}: {shown([command])}: status {status}", status)

    def output_at(self, end, command):
        """What a shell command prints at an end; it has to succeed."""
        status, text = self.execute(self.argv_at(end, command), stdout=subprocess.PIPE)
        if status:
            raise Failed(f"at {end}: {shown([command])}: status {status}", status)
        return text

    def ask_at(self, end, command):
        """The same of one that may fail."""
        return self.execute(self.argv_at(end, command), stdout=subprocess.PIPE)[1]

    def library(self, script, *words, **streams):
        """Runs shell code that uses the tests' library, with words as its arguments."""
        status, text = self.execute(["bash", "-c", LIBRARY + script, "bash", *words], **streams)
        if status:
            raise Failed(f"{shown([script.partition(' ')[0], *words])}: status {status}", status)
        return text

    def wait_until(self, seconds, what, condition):
        """Waits until the condition is true."""
        end = time.monotonic() + seconds * self.factor + 1
        while not condition():
            if time.monotonic() >= end:
                raise Failed(f"no success within {seconds} s: {what}")
            self.sleep(0.1)

    # the files

    def words(self, name):
        """The words of a file of ours; none where there is no such file."""
        path = self.state / name
        return path.read_text(encoding="ascii").split() if path.exists() else []

    def note(self, name, *words):
        """Writes them."""
        (self.state / name).write_text(" ".join(words) + "\n", encoding="ascii")


def of_environment():
    """As the caller's environment says: XENPV_TIME_FACTOR, GUEST_TIMEOUT."""
    os.environ["PATH"] = PATH
    numbers = {}
    for name, default in ("XENPV_TIME_FACTOR", "1"), ("GUEST_TIMEOUT", "120"):
        text = os.environ.get(name) or default
        if not text.isdecimal() or not int(text):
            raise Failed(f"{name}: '{text}' is not a number of 1 or more", 2)
        numbers[name] = int(text)
    return Dom0(factor=numbers["XENPV_TIME_FACTOR"], guest_seconds=numbers["GUEST_TIMEOUT"])

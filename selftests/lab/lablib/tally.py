# SPDX-License-Identifier: GPL-2.0
"""Results of tests as TAP: numbered, counted, and printed as a test goes or when it has ended."""

import re
import threading


class Tally:
    """Numbers the results of all tests through, counts and prints them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def print(self, said):
        """Prints (good, text) pairs, all in one piece; good is None for a comment."""
        with self.lock:
            for good, text in said:
                if good is None:
                    print(text, flush=True)
                else:
                    self._count(good, text)
                    print(f"{'ok' if good else 'not ok'} {self.total()} - {text}", flush=True)

    def _count(self, good, text):
        if not good and not re.search(r"# *TODO", text, re.I):
            self.failed += 1
        elif re.search(r"# *(SKIP|TODO)", text, re.I):
            self.skipped += 1
        else:
            self.passed += 1

    def total(self):
        """How many results there are so far."""
        return self.passed + self.failed + self.skipped

    def finish(self):
        """The plan and the verdict; the exit status."""
        print(f"1..{self.total()}")
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}", flush=True)
        return 1 if self.failed or not self.passed else 0


class Report:
    """What one lab says of a test; to the tally at once, or in one piece at its end().

    From hold() on, what follows the first failure waits for settle(), which says it or
    forgets it."""

    def __init__(self, tally, at_once=True):
        self.tally = tally
        self.at_once = at_once
        self.waiting = []
        self.held = None

    def _say(self, good, text):
        if self.held or (self.held is not None and good is False):
            self.held.append((good, text))
        elif self.at_once:
            self.tally.print([(good, text)])
        else:
            self.waiting.append((good, text))

    def comment(self, line):
        """A line that is no result."""
        self._say(None, line)

    def result(self, good, text):
        """One result."""
        self._say(bool(good), text)

    def diagnostics(self, title, lines):
        """Lines as TAP diagnostics."""
        self.comment(f"# {title}")
        for line in lines:
            self.comment(f"# | {line}")

    def hold(self):
        """The next failure, and what follows it, is to wait."""
        self.held = []

    def settle(self, forget):
        """Says what was held, or forgets it."""
        held, self.held = self.held or [], None
        if not forget:
            for good, text in held:
                self._say(good, text)

    def end(self):
        """The test has ended: what it said is printed."""
        self.tally.print(self.waiting)
        self.waiting = []

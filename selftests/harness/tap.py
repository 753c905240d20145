# SPDX-License-Identifier: GPL-2.0
"""TAP: read from tests, numbered through, counted, printed, and kept for JUnit's XML."""

import re
import threading
import time
import xml.etree.ElementTree as xml
from collections import Counter

RESULT = re.compile(r"(not ok|ok)\b *(\d*) *-? *(.*)")
PLAN = re.compile(r"1\.\.(\d+)(?: *# *SKIP *(.*))?", re.I)
# What a failure says that only lacked time, as selftests/lib puts it.
TIME_WORDS = re.compile(r"time-out after \d|no success within \d|within \d+ s\b|status 124\b"
                        r"|did not come (up|back)|no I/O on .* for \d|cut off after \d")


def sums_text(counts):
    """The last line of a run."""
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{skipped}"


class Result:
    """One line of TAP that counts."""

    def __init__(self, test, good, text):
        self.test = test
        self.good = good
        self.text = text
        self.notes = []

    @property
    def verdict(self):
        """"passed", "failed" or "skipped". cmocka skips by "not ok N # SKIP"; what fails
        as expected has TODO."""
        if re.search(r"# *SKIP", self.text, re.I):
            return "skipped"
        if re.search(r"# *TODO", self.text, re.I):
            return "passed" if self.good else "skipped"
        return "passed" if self.good else "failed"

    def lacked_time(self):
        """Whether it failed and all that it says is that something took too long."""
        return self.verdict == "failed" and bool(
            TIME_WORDS.search("\n".join([self.text, *self.notes])))


class Tally:
    """Numbers the results of all tests through, counts and prints them."""

    def __init__(self):
        self.results = []
        self.seconds = {}  # test: seconds that it took, less those that the host was busy
        self.lock = threading.Lock()

    def print(self, said):
        """Prints (test, good, text) triples, all in one piece; good is None for a comment."""
        with self.lock:
            for test, good, text in said:
                if good is None:
                    if self.results and text.startswith("#"):
                        self.results[-1].notes.append(text[1:].strip())
                else:
                    self.results.append(Result(test, good, text))
                    text = f"{'ok' if good else 'not ok'} {len(self.results)} - {text}"
                print(text, flush=True)

    def took(self, test, seconds):
        """How long a test has taken."""
        with self.lock:
            self.seconds[test] = seconds

    def counts(self):
        """How many results there are of each verdict."""
        return Counter(result.verdict for result in self.results)

    def finish(self):
        """The plan and the verdict; the exit status."""
        counts = self.counts()
        late = sum(result.lacked_time() for result in self.results)
        if late:
            print(f"# {late} of the failures lacked time (a busy host?); wrong results: "
                  f"{counts['failed'] - late}")
        print(f"1..{len(self.results)}")
        print(sums_text(counts), flush=True)
        return 1 if counts["failed"] or not counts["passed"] else 0

    def junit(self, file):
        """Writes all results as JUnit's XML."""
        top = xml.Element("testsuites")
        for test in dict.fromkeys(result.test for result in self.results):
            mine = [result for result in self.results if result.test == test]
            suite = xml.SubElement(top, "testsuite", name=test, tests=str(len(mine)),
                                   time=f"{self.seconds.get(test, 0):.1f}",
                                   failures=str(sum(r.verdict == "failed" for r in mine)),
                                   skipped=str(sum(r.verdict == "skipped" for r in mine)))
            for result in mine:
                case = xml.SubElement(suite, "testcase", classname=test, name=result.text)
                if result.verdict == "failed":
                    kind = "time" if result.lacked_time() else "wrong"
                    child = xml.SubElement(case, "failure", message=result.text, type=kind)
                    child.text = "\n".join(result.notes)
                elif result.verdict == "skipped":
                    xml.SubElement(case, "skipped")
        xml.ElementTree(top).write(file, encoding="utf-8", xml_declaration=True)


class Report:
    """What is said of one test; to the tally at once, or in one piece at its end().

    From hold() on, what follows the first failure waits for settle(), which says it or
    forgets it."""

    def __init__(self, tally, test, at_once=True):
        self.tally = tally
        self.test = test
        self.at_once = at_once
        self.waiting = []
        self.held = None
        self.failures = 0
        self.began = time.monotonic()

    def _say(self, good, text):
        said = (self.test, good, text)
        if self.held or (self.held is not None and good is False):
            self.held.append(said)
            return
        self.failures += good is False
        if self.at_once:
            self.tally.print([said])
        else:
            self.waiting.append(said)

    def comment(self, line):
        """A line that is no result."""
        self._say(None, line if line.startswith("#") else f"# {line}")

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
            for _test, good, text in held:
                self._say(good, text)

    def restart(self):
        """What has been done so far, as booting a lab, is not the test's time."""
        self.began = time.monotonic()

    def end(self, busy=0.0):
        """The test has ended: what it said is printed. BUSY: seconds of it in which the
        host had no processor for it."""
        seconds = time.monotonic() - self.began
        waited = f", {busy:.1f} of them waiting for a processor" if busy >= 1 else ""
        self.comment(f"# {self.test}: {seconds:.1f} s{waited}")
        self.tally.took(self.test, max(0.0, seconds - busy))
        self.tally.print(self.waiting)
        self.waiting = []


class Stream:
    """Reads what a test prints, line by line, and judges it as a whole at the end."""

    def __init__(self, report, prefix):
        self.report = report
        self.prefix = prefix
        self.seen = self.failed = 0
        self.planned = None
        self.skipped_all = None

    def line(self, text):
        """One line. Answers the result's text, or None where it is none."""
        found, plan = RESULT.fullmatch(text), PLAN.fullmatch(text)
        if found:
            good, said = found.group(1) == "ok", found.group(3)
            self.seen += 1
            self.failed += not good
            self.report.result(good, f"{self.prefix}{said}")
            return said
        if plan:
            self.planned = (self.planned or 0) + int(plan.group(1))
            self.skipped_all = plan.group(2)
        elif text.startswith("Bail out!"):
            self.failed += 1
            self.report.result(False, f"{self.prefix}{text}")
        elif text and text != "TAP version 13":
            self.report.comment(text)
        return None

    def judge(self, test):
        """What is wrong with the test as a whole."""
        if self.planned == 0 and not self.seen:
            self.report.result(True, f"{test} # SKIP {self.skipped_all or ''}")
        elif self.planned is None and not self.seen:
            self.report.result(False, f"{test}: ran no test")
        elif self.planned is None:
            self.report.result(False, f"{test}: ended without a plan")
        elif self.planned != self.seen:
            self.report.result(False, f"{test}: planned {self.planned} results, gave {self.seen}")

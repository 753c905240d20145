# SPDX-License-Identifier: GPL-2.0
"""Unit tests of the harness: harness.sh runs them."""

import contextlib
import io
import tempfile
import unittest
import xml.etree.ElementTree as xml

from xenlab.say import LabError

from . import budget, durations, shards, tap, tests


def said(tally, call):
    """What a call prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call()
    return out.getvalue()


class Heads(unittest.TestCase):
    """tests.py"""

    def test_keys(self):
        """Fails when a value loses its blanks or a key without a value is not seen."""
        head = tests.parse_head("#!/bin/bash\n# text\n# timeout: 20\n# two processors\n"
                                "# leaks memory: somebody, a lot\n")
        self.assertEqual(head, {"timeout": "20", "two processors": "",
                                "leaks memory": "somebody, a lot"})

    def test_only_the_head(self):
        """Fails when comments below the first command count."""
        self.assertEqual(tests.parse_head("#!/bin/bash\ntrue\n# tier: short\n"), {})

    def test_the_tree(self):
        """Every test of the tree has a head that can be read."""
        self.assertGreater(len(tests.of_tier("short")), 5)
        self.assertGreater(len(tests.of_tier("deep")), 20)

    def test_select_once(self):
        """Fails when a test that is named twice runs twice."""
        self.assertEqual([test.name for test in tests.select(["blk/rw", "rw"])], ["blk/rw"])


class Tap(unittest.TestCase):
    """tap.py"""

    def run_stream(self, *lines):
        """A tally of what a test prints."""
        tally = tap.Tally()
        report = tap.Report(tally, "blk/x")
        stream = tap.Stream(report, "blk/x: ")

        def call():
            for line in lines:
                stream.line(line)
            stream.judge("blk/x")
            report.end()
        self.out = said(tally, call)
        return tally

    def test_counts(self):
        """Fails when SKIP or TODO count as passed or failed."""
        tally = self.run_stream("ok 1 - a", "not ok 2 - b", "ok 3 - c # SKIP no", "not ok 4 # SKIP",
                                "not ok 5 - d # TODO later", "1..5")
        self.assertEqual(tally.counts(), {"passed": 1, "failed": 1, "skipped": 3})
        self.assertIn("not ok 2 - blk/x: b\n", self.out)

    def test_plan(self):
        """Fails when a test that stops early, or plans nothing, passes."""
        for lines, why in ((["ok 1 - a", "1..2"], "planned 2 results, gave 1"),
                           (["ok 1 - a"], "ended without a plan"), ([], "ran no test")):
            tally = self.run_stream(*lines)
            self.assertEqual(tally.counts()["failed"], 1)
            self.assertIn(why, self.out)

    def test_skipped_whole(self):
        """Fails when a test that is skipped as a whole counts as one that ran nothing."""
        self.assertEqual(self.run_stream("1..0 # SKIP no disk").counts(), {"skipped": 1})

    def test_time(self):
        """Fails when a wrong result passes for one that lacked time, or the reverse."""
        tally = self.run_stream("not ok 1 - a", "# 'x' ended with status 1",
                                "# no success within 20 s: y", "not ok 2 - b", "# got '1'", "1..2")
        self.assertEqual([result.lacked_time() for result in tally.results], [True, False])

    def test_held(self):
        """Fails when what was held is lost, or said though it is to be forgotten."""
        for forget, failed in ((False, 1), (True, 0)):
            tally = tap.Tally()
            report = tap.Report(tally, "t")
            report.hold()
            said(tally, lambda: (report.result(True, "a"), report.result(False, "b"),
                                 report.settle(forget), report.end()))
            self.assertEqual(tally.counts()["failed"], failed)
            self.assertEqual(tally.counts()["passed"], 1)

    def test_junit(self):
        """Fails when a failure's text or a skip is not in the XML."""
        tally = self.run_stream("ok 1 - a", "not ok 2 - b", "# why", "ok 3 - c # SKIP no", "1..3")
        with tempfile.NamedTemporaryFile() as file:
            tally.junit(file.name)
            suite = xml.parse(file.name).getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")),
                         ("3", "1", "1"))
        self.assertEqual(suite.find("testcase/failure").text, "why")


class Shards(unittest.TestCase):
    """shards.py"""

    def test_all_once(self):
        """Fails when a test is in no shard or in two, or a shard is empty."""
        chosen = tests.of_tier("deep")
        parts = shards.deal(chosen, 6)
        dealt = [test.name for part in parts for test in part]
        self.assertEqual(sorted(dealt), sorted(test.name for test in chosen))
        self.assertTrue(all(parts))

    def test_even(self):
        """Fails when the longest are not dealt out first."""
        known = durations.load()
        loads = [sum(shards.weight(test, known) for test in part)
                 for part in shards.deal(tests.of_tier("deep"), 3)]
        longest = max(shards.weight(test, known) for test in tests.of_tier("deep"))
        self.assertLessEqual(max(loads) - min(loads), longest)

    def test_parse(self):
        """Fails when a shard beyond the last is taken."""
        self.assertEqual(shards.parse("2/6"), (2, 6))
        for wrong in ("0/6", "7/6", "2", "a/b", ""):
            self.assertRaises(LabError, shards.parse, wrong)


class Budget(unittest.TestCase):
    """budget.py"""

    def test_every_short_test_has_an_area(self):
        """Fails when a folder is left out of budgets.txt."""
        self.assertEqual(budget.homeless(), [])

    def test_over(self):
        """Fails when an area may take more than its budget."""
        area, (most, folders) = next(iter(budget.load().items()))
        name = next((test.name for test in tests.of_tier("short") if test.folder in folders), None)
        if not name:
            self.skipTest(f"no short test in {area} yet")
        for seconds, failed in ((most, 0), (budget.TOLERANCE * most + 1, 1)):
            tally = tap.Tally()
            said(tally, lambda: budget.judge({name: seconds}, tap.Report(tally, "budget")))
            self.assertEqual(tally.counts()["failed"], failed)



# SPDX-License-Identifier: GPL-2.0
"""What each area may take of the short tier: selftests/budgets.txt."""

from xenlab.say import LabError

from . import tests

FILE = tests.SELFTESTS / "budgets.txt"
# Hosts differ, and so do two runs on one: what fails is an area that is clearly over.
TOLERANCE = 1.25


def load():
    """{area: (seconds, folders)}"""
    areas = {}
    for number, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) < 3 or not words[1].isdecimal():
            raise LabError(f"{FILE}:{number}: '{line}' is not: AREA SECONDS FOLDER...")
        areas[words[0]] = (int(words[1]), words[2:])
    return areas


def spent(took):
    """{area: (seconds, budget)} of a run whose tests took so long."""
    return {area: (sum(took.get(test.name, 0) for test in tests.of_tier("short")
                       if test.folder in folders), seconds)
            for area, (seconds, folders) in load().items()}


def homeless():
    """Short tests that are in no area."""
    known = {folder for _seconds, folders in load().values() for folder in folders}
    return [test.name for test in tests.of_tier("short") if test.folder not in known]


def judge(took, report):
    """A result for each area that had tests."""
    for name in homeless():
        report.result(False, f"budget: {name} is in no area of {FILE.name}")
    for area, (seconds, most) in spent(took).items():
        if seconds:
            report.result(seconds <= TOLERANCE * most,
                          f"budget: {area} takes {seconds:.0f} s of {most} s")

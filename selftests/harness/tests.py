# SPDX-License-Identifier: GPL-2.0
"""The tests of the tree, and what the comments at the head of each say of how it is run.

This is the only parser of heads; what dom0 has to know of them it gets in variables
(runner.py). The head is the comment block at the top of a test:

    # timeout: SECONDS      else what "settings" of its folder says
    # tier: short           runs in "make check"; "short, deep" in both tiers, where
                            the variable TIER says which; without the line, deep only;
                            "by name": in neither, another test runs it
    # two processors        wants a lab with two, and the machine to itself
    # alone                 wants the machine to itself (a host test)
    # allow: REGEX          kernel complaints that it provokes on purpose
    # leaks memory: WHO     not ours: growth is told and does not count
"""

import functools
import os
import re
from pathlib import Path

from xenlab import cache
from xenlab.say import LabError

TREE = cache.TREE
# Another folder of tests: for the harness's own tests.
SELFTESTS = Path(os.environ.get("XENPV_SELFTESTS") or TREE / "selftests").resolve()
# Tests that fail on purpose: only by name.
OWN_TESTS = "lab/selftest"
# Folders whose tests run in dom0, and those whose tests run on this machine.
LAB_FOLDERS = [name for name in cache.PUSHED if name not in ("lib", OWN_TESTS)]
HOST_FOLDERS = ["style", "build", "unit", "harness", "lab", "bench"]
TIERS = ("short", "deep")
KEYS = ["timeout", "tier", "two processors", "alone", "allow", "leaks memory"]
DEFAULT_SECONDS = 120


class Test:
    """One test script."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(SELFTESTS).with_suffix(""))
        self.folder = self.name.rpartition("/")[0]
        self.in_lab = self.folder in LAB_FOLDERS or self.folder == OWN_TESTS
        self.head = parse_head(path.read_text(encoding="utf-8"))
        self.tiers = self._tiers()
        self.timeout = self._timeout()

    def __repr__(self):
        return self.name

    def _tiers(self):
        said = self.head.get("tier")
        if said is None:
            return {"deep"}
        if said == "by name":
            return set()
        words = [word.strip() for word in said.split(",")]
        if not words or any(word not in TIERS for word in words):
            raise LabError(f"{self.path}: '# tier: {said}' is not short; short, deep; deep or by name")
        return set(words)

    def _timeout(self):
        said = self.head.get("timeout") or settings(self.path.parent).get("timeout")
        if said is None:
            return DEFAULT_SECONDS
        if not re.fullmatch(r"[1-9]\d*", said):
            raise LabError(f"{self.path}: '# timeout: {said}' is not a number of seconds")
        return int(said)

    @property
    def processors(self):
        """How many of the host's it keeps busy."""
        return 2 if "two processors" in self.head or "alone" in self.head else 1


def parse_head(text):
    """The keys in the comment block at the top, with their values."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            break
        for key in KEYS:
            match = re.fullmatch(rf"# {key}(?:: *(.*)|)", line)
            if match:
                found.setdefault(key, (match.group(1) or "").strip())
    return found


@functools.lru_cache(maxsize=None)
def settings(folder):
    """KEY=VALUE lines of a folder's "settings", as kselftest has them."""
    file = folder / "settings"
    if not file.exists():
        return {}
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def _executable(folder):
    return [path for path in sorted((SELFTESTS / folder).glob("*.sh")) if os.access(path, os.X_OK)]


@functools.lru_cache(maxsize=None)
def all_tests():
    """Every test but those that fail on purpose. A script of a host folder is one if its
    head names a tier: the others there are tools."""
    found = [Test(path) for folder in LAB_FOLDERS for path in _executable(folder)]
    for folder in HOST_FOLDERS:
        for path in _executable(folder):
            if "tier" in parse_head(path.read_text(encoding="utf-8")):
                found.append(Test(path))
    return found


@functools.lru_cache(maxsize=None)
def own_tests():
    """Those that fail on purpose."""
    return [Test(path) for path in sorted((SELFTESTS / OWN_TESTS).glob("*.sh"))]


def of_tier(tier):
    """The tests of one tier."""
    return [test for test in all_tests() if tier in test.tiers]


def read_list(file):
    """The names in a list file, one a line."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError as err:
        raise LabError(f"cannot read the list '{file}': {err.strerror}") from None
    names = [line.split("#")[0].strip() for line in lines]
    if not any(names):
        raise LabError(f"the list '{file}' names no test")
    return [name for name in names if name]


def select(names):
    """The tests that names ask for: FOLDER/NAME, NAME or FOLDER; each once, in that order."""
    chosen = []
    for name in names:
        name = name.removesuffix(".sh")
        found = [test for test in all_tests() + own_tests()
                 if name in (test.name, test.name.rpartition("/")[2], test.folder)]
        if not found:
            raise LabError(f"no test is named '{name}'; 'selftests/check list' lists them all")
        chosen += [test for test in found if test not in chosen]
    return chosen

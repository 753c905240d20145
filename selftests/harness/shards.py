# SPDX-License-Identifier: GPL-2.0
"""The deep tier in parts that do not depend on each other, and which of them have passed."""

import hashlib
import json
import re
import subprocess
from collections import Counter

from xenlab import cache
from xenlab.say import LabError

from . import durations, tests

# Without SHARD= there are so many.
DEFAULT = 6


def parse(text):
    """(2, 6) of "2/6"."""
    found = re.fullmatch(r"([1-9]\d?)/([1-9]\d?)", text)
    if not found or int(found.group(1)) > int(found.group(2)):
        raise LabError(f"SHARD: '{text}' is not I/N with I from 1 to N, as 2/6")
    return int(found.group(1)), int(found.group(2))


def weight(test, known):
    """What it takes of the machine: one that has all of it to itself counts twice."""
    return durations.seconds(test, "deep", known) * test.processors


def deal(chosen, number):
    """The tests of each shard: the longest first, each to the shard that has least so far."""
    known = durations.load()
    parts = [[] for _ in range(number)]
    load = [0.0] * number
    for test in sorted(chosen, key=lambda test: (-weight(test, known), test.name)):
        least = load.index(min(load))
        parts[least].append(test)
        load[least] += weight(test, known)
    return parts


def tree_key():
    """A digest of all files of the tree that are not made from others."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"],
                            cwd=tests.TREE, stdout=subprocess.PIPE, check=False)
    if listed.returncode:
        raise LabError("which tests have passed for this tree is known only in a git checkout")
    total = hashlib.sha256()
    for name in sorted(listed.stdout.decode().split("\0")):
        path = tests.TREE / name
        if name and path.is_file():
            total.update(f"{name} {path.stat().st_mode & 0o111}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


class Stamp:
    """Whether a shard has passed for this very tree."""

    def __init__(self, index, number):
        self.path = cache.root() / "passed" / f"{tree_key()}-{index}-of-{number}"

    def read(self):
        """The counts that it ended with, or None."""
        if not self.path.exists():
            return None
        return Counter(json.loads(self.path.read_text(encoding="utf-8")))

    def write(self, counts):
        """It has passed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(counts), encoding="utf-8")

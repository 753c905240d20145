# SPDX-License-Identifier: GPL-2.0
"""How long tests take on a quiet machine of two processors, as selftests/durations.txt
says; it orders tests and deals them out to shards, so it is the same for everybody."""

from . import tests

FILE = tests.SELFTESTS / "durations.txt"
HEAD = """\
# Seconds that each test takes on a quiet machine of two processors, by tier, for the
# order of tests and the shards of make check-deep. Written by "selftests/check ... --record".
"""


def load():
    """{(name, tier): seconds}"""
    if not FILE.exists():
        return {}
    rows = [line.split() for line in FILE.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    return {(name, tier): float(seconds) for name, tier, seconds in rows}


def seconds(test, tier, known=None):
    """A test's; a guess for one that nobody has measured."""
    known = load() if known is None else known
    return known.get((test.name, tier), test.timeout / 3)


def longest_first(chosen, tier):
    """The order in which both processors are busy to the end."""
    known = load()
    return sorted(chosen, key=lambda test: (-seconds(test, tier, known), test.name))


def record(took, tier):
    """Writes down what tests took; those that are no more are dropped."""
    known = load()
    known.update({(name, tier): spent for name, spent in took.items()})
    there = {(test.name, tier) for test in tests.all_tests() for tier in test.tiers}
    rows = [f"{name} {tier} {spent:.0f}" for (name, tier), spent in sorted(known.items())
            if (name, tier) in there]
    FILE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")

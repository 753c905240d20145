# SPDX-License-Identifier: GPL-2.0
"""What the user asked for: VARIABLE=VALUE words, checked, with their defaults."""

import dataclasses
import os
import re

from xenlab.say import LabError

from . import catalogue, contender

PLACES = ("pvh", "pv", "own")
CLOCKS = ("wall", "icount")


@dataclasses.dataclass
class Settings:
    """All of a run."""

    jobs: list
    places: list
    contenders: list
    without: list       # ours, each with one feature off
    whole: bool         # all jobs, but not all of them everywhere: see plan.wanted()
    rounds: int
    seconds: int
    clock: str
    quick: bool
    hypercalls: bool    # count them, in a run of each job of its own
    out: str
    resume: str         # the folder of a run that is to be completed
    revisions: dict     # A and B, of bench-compare

    def baseline(self):
        """The contender that the others are compared with."""
        return contender.baseline(self.contenders)


def _number(words, name, default, most):
    text = words.get(name, str(default))
    if not re.fullmatch(r"[1-9]\d*", text) or int(text) > most:
        raise LabError(f"{name}: '{text}' is not a number from 1 to {most}")
    return int(text)


def _yes(words, name, default):
    text = words.get(name, default)
    if text not in ("0", "1"):
        raise LabError(f"{name}: '{text}' is not 0 or 1")
    return text == "1"


def _places(text):
    names = text.split(",")
    for name in names:
        if name not in PLACES:
            raise LabError(f"PLACES: '{name}' is not one of {', '.join(PLACES)}")
    return [name for name in PLACES if name in names]


def _words(words, known):
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in known:
            raise LabError(f"unknown word '{word}'; it takes {', '.join(f'{k}=' for k in known)}")
        if value:
            found[name] = value
    return found


def parse(words, compare=False):
    """Settings from the command line's words."""
    known = ["JOBS", "ROUNDS", "SECONDS", "QUICK", "CLOCK", "PLACES", "PAIRS", "HYPERCALLS",
             "OUT", "RESUME"]
    words = _words(words, [*known, "A", "B"] if compare else known)
    # two revisions are compared by the quick jobs, unless told otherwise
    quick = _yes(words, "QUICK", "1" if compare else "0")
    clock = words.get("CLOCK", "wall")
    if clock not in CLOCKS:
        raise LabError(f"CLOCK: '{clock}' is not one of {', '.join(CLOCKS)}")
    if compare and "PAIRS" in words:
        raise LabError("PAIRS: a comparison of revisions is always of ours with ours")
    pairs = "ours/ours,intree/intree" if quick else contender.EVERY
    whole = not quick and not {"JOBS", "PLACES", "PAIRS"} & set(words)
    return Settings(
        jobs=catalogue.select(words.get("JOBS"), quick),
        places=_places(words.get("PLACES", "own" if quick else "pvh,pv,own")),
        contenders=contender.revisions() if compare else
        contender.parse(words.get("PAIRS", pairs)),
        without=contender.without() if whole else [], whole=whole,
        rounds=_number(words, "ROUNDS", 3, 99),
        seconds=_number(words, "SECONDS", 1 if quick else 2, 600),
        clock=clock, quick=quick, hypercalls=_yes(words, "HYPERCALLS", "0"),
        out=_out(words.get("OUT")), resume=words.get("RESUME"),
        revisions={name: words.get(name) for name in ("A", "B")} if compare else {})


def _out(path):
    if path and os.path.exists(path) and not os.path.isdir(path):
        raise LabError(f"OUT: '{path}' is not a folder")
    return path

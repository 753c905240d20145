# SPDX-License-Identifier: GPL-2.0
"""The commands of "bench"."""

import argparse
import signal
import sys
from pathlib import Path

from xenlab.say import LabError

from . import build, catalogue, measure, place, result, settings


def run(args):
    """Measure our pair and the kernel's own side by side."""
    return measure.run(settings.parse(args.word))


def compare(args):
    """Measure two revisions of ours side by side: A=REVISION B=REVISION."""
    wanted = settings.parse(args.word, compare=True)
    commits = {name: build.commit(name, rev) for name, rev in wanted.revisions.items()}
    folders = {name: build.modules(full) for name, full in commits.items()}
    wanted.revisions = {name: f"{wanted.revisions[name]} ({full[:12]})"
                        for name, full in commits.items()}
    return measure.run(wanted, lambda machine: build.push(machine, folders))


def jobs(_args):
    """List all jobs; q: part of QUICK=1; c: in a whole run, in every place."""
    for job in catalogue.every():
        print(f"{'q' if job.quick else 'c' if job.core else ' '} {job.name:40} "
              f"{', '.join(job.figures)}")


def report(args):
    """Make the table and the report again from a result.json."""
    path = Path(args.file)
    if not path.is_file():
        raise LabError(f"there is no file '{path}'")
    return measure.show(result.load(path), path.parent.resolve())


def parser():
    """All arguments."""
    top = argparse.ArgumentParser(prog="bench", description="xenpv's benchmarks; see "
                                  "selftests/bench/README.md")
    subs = top.add_subparsers(metavar="COMMAND", required=True)
    for func in run, compare, jobs, report:
        sub = subs.add_parser(func.__name__, help=func.__doc__.rstrip("."),
                              description=func.__doc__)
        sub.set_defaults(func=func)
        if func in (run, compare):
            sub.add_argument("word", nargs="*", metavar="NAME=VALUE", help="JOBS=, ROUNDS=, "
                             "SECONDS=, QUICK=, CLOCK=, PLACES=, PAIRS=, HYPERCALLS=, OUT=, "
                             "RESUME=")
        elif func is report:
            sub.add_argument("file", metavar="RESULT.JSON")
    return top


def main():
    """Runs one command; every failure is one message and a status of 1 or 2."""
    args = parser().parse_args()
    # What there is so far is kept, and the lab stopped, on this one too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place.lab_name()
    try:
        return args.func(args) or 0
    except LabError as err:
        print(f"bench: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130

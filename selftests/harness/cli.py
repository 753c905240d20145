# SPDX-License-Identifier: GPL-2.0
"""The command "selftests/check"."""

import argparse
import os
import signal
import subprocess
import sys
from collections import Counter

from xenlab.say import LabError

from . import budget, durations, shards, tests
from .pool import Pool
from .tap import Report, sums_text


def _packages(chosen):
    """Installs what host tests need; one that lacks it says so itself."""
    names = [test.name.rpartition("/")[2] for test in chosen if not test.in_lab]
    if names and "XENPV_SELFTESTS" not in os.environ:
        subprocess.run([str(tests.SELFTESTS / "packages.sh"), *names], check=False)


def _finish(args, tally, tier):
    """What all runs end with; the exit status."""
    if args.record:
        durations.record(tally.seconds, tier)
    if args.junit:
        tally.junit(args.junit)
    return tally.finish()


def short(args):
    """The short tier: every feature once, within the budgets."""
    chosen = tests.of_tier("short")
    _packages(chosen)
    tally = Pool(chosen, "short").run()
    report = Report(tally, "budget")
    budget.judge(tally.seconds, report)
    return _finish(args, tally, "short")


def deep(args):
    """The deep tier: all of it, or one shard; a shard that has passed for this very tree is
    not run again, unless with --again."""
    if args.shard:
        index, number = shards.parse(args.shard)
        wanted = [index]
    else:
        number = shards.DEFAULT
        wanted = range(1, number + 1)
    parts = shards.deal(tests.of_tier("deep"), number)
    sums, status = Counter(), 0
    for index in wanted:
        stamp = shards.Stamp(index, number)
        counted = None if args.again else stamp.read()
        if counted:
            print(f"# shard {index}/{number} has passed for this very tree: "
                  f"{sums_text(counted)}; AGAIN=1 runs it again", flush=True)
        else:
            print(f"# shard {index}/{number}: {len(parts[index - 1])} tests", flush=True)
            _packages(parts[index - 1])
            tally = Pool(parts[index - 1], "deep").run()
            counted = tally.counts()
            if _finish(args, tally, "deep"):
                status = 1
            else:
                stamp.write(counted)
        sums.update(counted)
    print(sums_text(sums))
    return status


def run(args):
    """Tests by name, in fresh labs; all those of the lab where none is named."""
    chosen = _named(args) or [test for test in tests.all_tests() if test.in_lab]
    _packages(chosen)
    return _finish(args, Pool(chosen, args.tier).run(), args.tier)


def alive(args):
    """Tests by name, in the lab that is alive; it stays so."""
    chosen = _named(args)
    if not chosen:
        raise LabError("which test? 'selftests/check list' lists them all")
    return _finish(args, Pool(chosen, args.tier, keep=True).run_alive(), args.tier)


def _named(args):
    names = [*args.name, *(tests.read_list(args.list) if args.list else [])]
    return tests.select(names)


def show(args):
    """Lists the tests: name, tiers, seconds in each."""
    known = durations.load()
    for test in tests.all_tests():
        if args.tier and args.tier not in test.tiers:
            continue
        if args.names:
            print(test.name)
            continue
        took = [f"{tier} {known[test.name, tier]:.0f} s" if (test.name, tier) in known else tier
                for tier in tests.TIERS if tier in test.tiers]
        print(f"{test.name:28} {', '.join(took)}")


def parser():
    """All arguments."""
    top = argparse.ArgumentParser(prog="check", description="Runs xenpv's tests; see "
                                  "selftests/README.md")
    subs = top.add_subparsers(metavar="COMMAND", required=True)
    for name, func in (("short", short), ("deep", deep), ("run", run), ("alive", alive)):
        sub = subs.add_parser(name, help=func.__doc__.split(":")[0], description=func.__doc__)
        sub.set_defaults(func=func)
        sub.add_argument("--junit", metavar="FILE", default=os.environ.get("XENPV_JUNIT"),
                         help="write JUnit's XML as well")
        sub.add_argument("--record", action="store_true", help="write what the tests took to "
                         "selftests/durations.txt")
        if func in (run, alive):
            sub.add_argument("name", nargs="*", help="FOLDER/NAME, NAME or FOLDER")
            sub.add_argument("--list", metavar="FILE", help="a file with one name a line")
            sub.add_argument("--tier", choices=tests.TIERS, default=os.environ.get("TIER") or
                             "deep", help="which of its tiers the test runs for")
        if func is deep:
            sub.add_argument("--shard", metavar="I/N", default=os.environ.get("SHARD"))
            sub.add_argument("--again", action="store_true",
                             default=bool(os.environ.get("AGAIN")), help="also what has passed")
    sub = subs.add_parser("list", help=show.__doc__.split(":")[0])
    sub.set_defaults(func=show)
    sub.add_argument("--tier", choices=tests.TIERS)
    sub.add_argument("--names", action="store_true", help="names only")
    return top


def main():
    """Runs one command; every failure is one message and a status of 1 or 2."""
    args = parser().parse_args()
    # a run that is cut off ends its labs
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        return args.func(args) or 0
    except LabError as err:
        print(f"check: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("check: interrupted", file=sys.stderr)
        return 130

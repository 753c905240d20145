# SPDX-License-Identifier: GPL-2.0
"""The command xenpv-top: its options, and which of the two displays they ask for."""

import argparse
import os
import sys

from . import batch, devices, table
from .domains import Domains


def _seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0.1 <= seconds <= 86400:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0.1 to 86400")
    return seconds


def _count(text):
    if not text.isdigit() or not 0 < int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of intervals, 1 or more")
    return int(text)


def parser():
    """The command line."""
    command = argparse.ArgumentParser(
        prog="xenpv-top", allow_abbrev=False,
        description="Which domain uses which disk and network card: rates, latencies, depths, errors.")
    command.add_argument("-b", "--batch", action="store_true", help="print text for a pipe or a file")
    command.add_argument("-n", "--count", type=_count, metavar="COUNT", help="end after so many intervals")
    command.add_argument("-d", "--delay", type=_seconds, default=2.0, metavar="SECONDS",
                         help="length of an interval (default: 2)")
    command.add_argument("-s", "--sort", choices=list(table.SORTS), default="bytes", metavar="KEY",
                         help=f"{', '.join(table.SORTS)} (default: bytes)")
    command.add_argument("-r", "--reverse", action="store_true", help="sort the other way round")
    command.add_argument("-D", "--domain", metavar="DOMAIN",
                         help="only devices shared with this domain, a number or a name")
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--disks", dest="kinds", action="store_const", const=("vbd",), help="only disks")
    kinds.add_argument("--cards", dest="kinds", action="store_const", const=("vif",), help="only cards")
    command.set_defaults(kinds=("vbd", "vif"))
    return command


def _fail(text):
    print(f"xenpv-top: {text}", file=sys.stderr)
    return 1


def _screen(options):
    if not sys.stdout.isatty():
        return _fail("standard output is no terminal: use -b")
    try:
        import curses  # not everywhere where Python is; -b does without it
        from . import screen
    except ImportError:
        return _fail("Python's curses is missing: install it, or use -b")
    try:
        screen.run(options, Domains())
    except curses.error as err:
        return _fail(f"the terminal '{os.environ.get('TERM', '')}' cannot be used ({err}): use -b")
    return 0


def main():
    """Ends with 1 where there is nothing to show, 2 for a wrong command line."""
    options = parser().parse_args()
    trouble = devices.no_driver(devices.Snapshot())
    if trouble:
        return _fail(trouble)
    try:
        if not options.batch:
            return _screen(options)
        batch.run(options, Domains())
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        # Whoever read has had enough; what is buffered still must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""links.py DOCUMENT...: links and files that a document names and that there are not, as
FILE:LINE: NAME. Files are looked for from the tree's root, the current folder; links from
the document's own folder; a bare `name.c` may be anywhere in common, drivers or selftests."""

import glob
import re
import sys
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
CODE = re.compile(r"`([^`]+)`")
# What begins with a folder of the tree and has no capital letters (DRIVER, NAME) is a file of it.
FILE = re.compile(r"(?:common|debian|docs|drivers|man|packaging|selftests)/[a-z0-9_./*{},-]*")
BARE = re.compile(r"[a-z0-9_]+\.[ch]")
# What tests build, and a driver that is yet to be written.
EXEMPT = re.compile(r"selftests/unit/build/|drivers/xyz/")


def there(path):
    """Whether it is, with the shell's *, and {} for some of several."""
    braces = re.fullmatch(r"(.*?)\{([^{}]*)\}(.*)", path)
    if braces:
        return all(there(braces[1] + part + braces[3]) for part in braces[2].split(","))
    return bool(glob.glob(path))


def broken(name):
    """(line, what is not there) of a document."""
    for number, line in enumerate(Path(name).read_text(encoding="utf-8").splitlines(), 1):
        for target in LINK.findall(line):
            if not re.match(r"[a-z]+:", target) and not (Path(name).parent / target).exists():
                yield number, target
        for code in CODE.findall(line):
            if FILE.fullmatch(code) and not EXEMPT.match(code) and not there(code.rstrip("/")):
                yield number, code
            if BARE.fullmatch(code) and not any(glob.glob(f"{folder}/**/{code}", recursive=True)
                                                for folder in ("common", "drivers", "selftests")):
                yield number, code


def main():
    """Prints findings."""
    for name in sys.argv[1:]:
        for number, what in broken(name):
            print(f"{name}:{number}: {what}: there is none")


main()

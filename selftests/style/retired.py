#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""retired.py LIST FILE...: where the files use a word that LIST (retired.txt) has retired, as
FILE:LINE: WORD: say INSTEAD."""

import re
import sys
from pathlib import Path

# A comment, a string or a character: what of C is no code.
NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
PLACES = ("any", "name", "allow")


class Word:
    """A line of the list."""

    def __init__(self, line, number):
        fields = line.split(None, 2)
        if len(fields) != 3 or fields[1] not in PLACES:
            sys.exit(f"retired.txt:{number}: not EXPRESSION, one of {', '.join(PLACES)}, INSTEAD")
        expression, self.place, self.instead = fields
        # Between letters there is no end of a word; between a letter and _ there is.
        self.pattern = re.compile(rf"(?<![^\W_])(?:{expression.replace('_', '[ _]')})(?![^\W_])", re.I)


def read_list(path):
    """The words of the list."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [Word(line, number) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]


def blank(found):
    """Spaces and newlines in the place of what was found."""
    return re.sub(r"[^\n]", " ", found[0])


def search(words, name, text):
    """The findings in a file."""
    for word in words:
        if word.place == "allow":
            text = word.pattern.sub(blank, text)
    is_c = name.endswith((".c", ".h"))
    code = NO_CODE.sub(blank, text).splitlines() if is_c else []
    lines = text.splitlines()
    # The name of the file stands before its first line.
    stem = Path(name).stem if is_c else ""
    for word in words:
        if word.place == "allow":
            continue
        for number, line in enumerate([stem] + (lines if word.place == "any" else code)):
            for found in word.pattern.finditer(line):
                yield name, number or 1, f'"{found[0]}" is retired: {word.instead}'


def main():
    """Prints findings in the order of the lines."""
    words = read_list(sys.argv[1])
    for name in sys.argv[2:]:
        for where, number, what in sorted(search(words, name, Path(name).read_text(encoding="utf-8"))):
            print(f"{where}:{number}: {what}")


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The module parameters: MODULE_PARM_DESC in the drivers is the one source of what modinfo,
docs/parameters.md and man/xenpv.7 say.

parameters.py CHECK prints what is wrong, a line for each finding, see parameters.sh; without a
CHECK it lists them; parameters.py --write renews both documents. Looks at the tree in the
current folder."""

import re
import sys
from pathlib import Path

PAGE = Path("docs/parameters.md")
MAN = Path("man/xenpv.7")
# What is between these lines is written by this program.
BEGIN = "begin: selftests/build/parameters.py --write"
END = "end: selftests/build/parameters.py --write"
DECLARATION = re.compile(r"^(?:\w*module_param\w*|\w*PARAM\w*)\(\s*([a-z]\w*)\s*,([^;]*?)\);", re.M | re.S)
DESCRIPTION = re.compile(r"^MODULE_PARM_DESC\(\s*(\w+)\s*,((?:\s*\"(?:[^\"\\]|\\.)*\")+)\s*\);", re.M)
DEFAULT = re.compile(r"^(.*) \(default: ([^()]+)\)$")
DRIVERS = ["blkfront", "blkback", "netfront", "netback"]


class Parameter:
    """One module parameter, as a driver's sources declare it."""

    def __init__(self, driver, path, name, arguments, text):
        self.module = f"xen_{driver}"
        self.where = f"{path}: {name}"
        self.name = name
        # Writable in sysfs, hence used by what connects from then on.
        modes = re.findall(r"\b(0[0-7]{3})\b", arguments)
        self.live = bool(modes) and int(modes[-1], 8) & 0o200 != 0
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)) if text else ""
        found = DEFAULT.match(text)
        self.text, self.default = found.groups() if found else (text, None)

    def initial(self, source):
        """The initialiser of its variable where that is a literal, as modinfo's readers write it."""
        found = re.search(rf"^(?:static )?(?:bool|int|unsigned int) (?:\w+_)?{self.name}(?: = (\w+))?;", source, re.M)
        if not found:
            return None
        value = found[1] or "0"
        return {"true": "Y", "false": "N"}.get(value, value if value.isdigit() else None)


def parameters():
    """(parameters in the order of the sources, what is wrong with them)."""
    found, wrong = [], []
    for driver in DRIVERS:
        for path in sorted(Path("drivers", driver).glob("*.c")):
            source = path.read_text(encoding="utf-8")
            if path.name.endswith(".mod.c") or "MODULE_PARM_DESC" not in source:
                continue
            texts = dict(DESCRIPTION.findall(source))
            for name, arguments in DECLARATION.findall(source):
                one = Parameter(driver, path, name, arguments, texts.pop(name, None))
                found.append(one)
                wrong += complaints(one, one.initial(source))
            wrong += [f"{path}: {name}: described but not declared" for name in texts]
    if not found:
        wrong.append("drivers: no module parameter found")
    return found, wrong


def complaints(one, initial):
    """What is wrong with a parameter's declaration."""
    if not one.text:
        return [f"{one.where}: no MODULE_PARM_DESC"]
    if one.default is None:
        return [f'{one.where}: "{one.text}" does not end with (default: VALUE)']
    if initial is not None and re.fullmatch(r"\d+|Y|N", one.default) and one.default != initial:
        return [f"{one.where}: described with default {one.default}, declared with {initial}"]
    return []


def markdown(found):
    """The tables of docs/parameters.md."""
    lines, module = [], None
    for one in found:
        if one.module != module:
            module = one.module
            lines += ["", f"### {module}", "", "| parameter | default | in sysfs | meaning |", "|---|---|---|---|"]
        access = "writable" if one.live else "read-only"
        lines.append(f"| `{one.name}` | {one.default} | {access} | {one.text} |")
    return lines[1:] + [""]


def roff(found):
    """The parameters' section of man/xenpv.7."""
    lines, module = [], None
    for one in found:
        if one.module != module:
            module = one.module
            lines.append(f".SS {module}")
        live = ", live" if one.live else ""
        lines += [".TP", f'.BR {one.name} " ({one.default}{live})"', one.text.replace("-", "\\-") + "."]
    return lines


def renewed(path, lines):
    """The document with these lines between the marks."""
    have = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    marks = [[number for number, line in enumerate(have) if mark in line] for mark in (BEGIN, END)]
    if [len(mark) for mark in marks] != [1, 1]:
        raise ValueError(f"{path}: not one line each with '{BEGIN}' and '{END}'")
    (begin,), (end,) = marks
    return "\n".join(have[:begin + 1] + lines + have[end:]) + "\n"


def differences(path, form):
    """Lines in which a document is not as it would be written anew."""
    try:
        want = renewed(path, form(parameters()[0])).splitlines()
    except ValueError as error:
        return [str(error)]
    have = path.read_text(encoding="utf-8").splitlines()
    return ([f"{path}: missing: {line}" for line in want if line not in have] +
            [f"{path}: not of the sources: {line}" for line in have if line not in want] or
            ([] if want == have else [f"{path}: other order"]))


def described():
    """Each module parameter has a description that ends with its default."""
    return parameters()[1]


def page():
    """The document docs/parameters.md says what modinfo says."""
    return differences(PAGE, markdown)


def man():
    """The man page xenpv.7 says what modinfo says."""
    return differences(MAN, roff)


CHECKS = [described, page, man]


def main():
    """Prints findings or the checks' names, or writes."""
    checks = {check.__name__: check for check in CHECKS}
    if len(sys.argv) == 1:
        for name, check in checks.items():
            print(name, check.__doc__)
    elif sys.argv[1] == "--write":
        for path, form in ((PAGE, markdown), (MAN, roff)):
            path.write_text(renewed(path, form(parameters()[0])), encoding="utf-8")
    elif sys.argv[1] in checks:
        for line in checks[sys.argv[1]]():
            print(line)
    else:
        sys.exit(f"parameters.py: no check '{sys.argv[1]}'")


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""features.py CHECK: what is wrong with docs/features.md, a line for each finding; see
features.sh. Without a CHECK it lists the checks. Looks at the tree in the current folder."""

import os
import re
import sys
from pathlib import Path

from harness.tests import HOST_FOLDERS, LAB_FOLDERS, parse_head

PAGE = Path("docs/features.md")
HEADER = ["feature", "what", "short", "deep"]
TIERS = {None: {"deep"}, "deep": {"deep"}, "by name": {"deep"}, "short": {"short"}, "short, deep": {"short", "deep"}}
# Groups of which the short tier may touch a row without Xen: what a peer does between two
# looks at a page can be acted out in a unit test only.
OFF_XEN = ["Hostile peers", "Build and packaging"]
# The group that has the keys of a driver.
KEYS_OF = {"blk": "Block", "net": "Network"}
PARAM = re.compile(r"\b(?:module_param(?:_named)?|XPV_PARAM)\(([a-z][a-z_0-9]+)")
KEY_NAME = re.compile(r'^#define (\w+) "([^"]+)"$', re.M)
TABLE = re.compile(r"struct xpv_feature \w+\[[^\]]*\] = \{(.*?)\n\};", re.S)


class Row:
    """A line of one of the page's tables."""

    def __init__(self, number, group, cells):
        self.where = f"{PAGE}:{number}"
        self.group = group
        self.feature, self.what = cells[0], cells[1]
        self.short, self.deep = (re.findall(r"[a-z]+/[\w.-]+", cell) for cell in cells[2:])
        self.names = re.findall(r"`([^`]+)`", self.feature)
        # What is no list of tests.
        self.stray = [word for cell in cells[2:] for word in re.split(r"[,\s]+", cell)
                      if word not in ("", "-") and not re.fullmatch(r"[a-z]+/[\w.-]+", word)]

    def __str__(self):
        return f"{self.where}: {self.feature}"


def cells_of(line):
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def page():
    """(rows, what is wrong with the page's form)."""
    rows, wrong, group, header = [], [], None, False
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            group, header = line[3:].strip(), False
        if not line.startswith("|"):
            continue
        cells = cells_of(line)
        if not header:
            header = True
            if cells != HEADER:
                wrong.append(f"{PAGE}:{number}: a table's columns are {', '.join(HEADER)}")
        elif not set(line) <= set("|-: "):
            if len(cells) != len(HEADER) or group is None:
                wrong.append(f"{PAGE}:{number}: not a row of {len(HEADER)} cells below a heading")
            else:
                rows.append(Row(number, group, cells))
    return rows, wrong


def tests():
    """Every test of the tree, SUITE/NAME, with the tiers that it runs in."""
    found = {}
    for suite in LAB_FOLDERS + HOST_FOLDERS:
        for path in sorted(Path("selftests", suite).glob("*.sh")):
            head = parse_head(path.read_text(encoding="utf-8"))
            # On this machine, what names no tier is no test but a tool.
            if os.access(path, os.X_OK) and (suite in LAB_FOLDERS or "tier" in head):
                found[f"{suite}/{path.stem}"] = head.get("tier")
    for path in sorted(Path("selftests/unit/tests").glob("*.c")):
        found[f"unit/{path.stem}"] = "short"
    return found


def form():
    """The page has tables of four columns with tests in the last two, a feature once."""
    rows, wrong = page()
    if not rows:
        wrong.append(f"{PAGE}: no rows")
    seen = {}
    for row in rows:
        wrong += [f"{row}: '{word}' is no SUITE/NAME" for word in row.stray]
        if (row.group, row.feature) in seen:
            wrong.append(f"{row}: also in {seen[row.group, row.feature]}")
        seen[row.group, row.feature] = row.where
        if row.group not in OFF_XEN and not row.names:
            wrong.append(f"{row}: names nothing in `backticks`")
    return wrong


def exist():
    """Each test that a row names exists."""
    known = tests()
    return [f"{row}: there is no test {test}" for row in page()[0]
            for test in row.short + row.deep if test not in known]


def named():
    """Each test is named by a row."""
    rows = page()[0]
    used = {test for row in rows for test in row.short + row.deep}
    return [f"{test}: no row of {PAGE} names it" for test in tests() if test not in used]


def asserted():
    """Each row has a test."""
    return [f"{row}: no test asserts it" for row in page()[0] if not row.short + row.deep]


def heads():
    """The tests' heads name tiers that there are."""
    return [f"selftests/{test}.sh: '# tier: {tier}' is none of short; short, deep; deep; by name"
            for test, tier in tests().items() if tier not in TIERS]


def columns():
    """A test stands in the columns of the tiers that it runs in."""
    known, wrong = tests(), []
    for row in page()[0]:
        for tier, column in (("short", row.short), ("deep", row.deep)):
            wrong += [f"{row}: {test} does not run in the {tier} tier" for test in column
                      if test in known and tier not in TIERS.get(known[test], set())]
    return wrong


def short():
    """The short tier touches each row, in the lab where that needs Xen."""
    known, wrong = tests(), []
    for row in page()[0]:
        fit = [test for test in row.short if "short" in TIERS.get(known.get(test, ""), set())]
        if row.group not in OFF_XEN:
            fit = [test for test in fit if test.partition("/")[0] in LAB_FOLDERS]
        if not fit:
            where = "" if row.group in OFF_XEN else " on Xen"
            wrong.append(f"{row}: the short tier does not touch it{where}")
    return wrong


def sources():
    """(driver's folder, text) of each file of the drivers."""
    for path in sorted(Path("drivers").glob("*/*.c")):
        if not path.name.endswith(".mod.c"):
            yield path.parent.name, path.read_text(encoding="utf-8")


def parameters():
    """Each module parameter is a feature, as the kernel's command line has it."""
    have = {f"xen_{driver}.{name}" for driver, text in sources() for name in PARAM.findall(text)}
    names = {name for row in page()[0] for name in row.names}
    return ([f"{name}: no row of {PAGE} has this parameter" for name in sorted(have - names)] +
            [f"{PAGE}: {name} is no module's parameter" for name in sorted(names - have)
             if re.fullmatch(r"xen_(blk|net)(front|back)\.\w+", name)])


def keys_in(table):
    """The keys of a feature table, written out or by their names in common/proto."""
    named = dict(line for path in sorted(Path("common/proto").glob("*.h"))
                 for line in KEY_NAME.findall(path.read_text(encoding="utf-8")))
    return (re.findall(r'"([^"]+)"', table) +
            [named.get(name, name) for name in re.findall(r"\b([A-Z]+_KEY_\w+)", table)])


def keys():
    """Each key of the drivers' feature tables is a feature of their group."""
    rows, wrong = page()[0], []
    have = sorted({(driver[:3], key) for driver, text in sources()
                   for table in TABLE.findall(text) for key in keys_in(table)})
    if not have:
        wrong.append("drivers: no feature table found")
    for kind, key in have:
        group = KEYS_OF.get(kind, kind)
        if not any(key in row.names for row in rows if row.group == group):
            wrong.append(f"{key}: no row of {PAGE}, {group}, has this key")
    return wrong


CHECKS = [form, exist, named, asserted, heads, columns, short, parameters, keys]


def main():
    """Prints findings or the checks' names."""
    checks = {check.__name__: check for check in CHECKS}
    if len(sys.argv) == 1:
        for name, check in checks.items():
            print(name, check.__doc__)
    elif sys.argv[1] in checks:
        for line in checks[sys.argv[1]]():
            print(line)
    else:
        sys.exit(f"features.py: no check '{sys.argv[1]}'")


main()

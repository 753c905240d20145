#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The runner's own tests: what a crash, a hang or a leak looks like in its output.

Each *.sh of this folder says in its head what "lab run" must print of it
("# expect: REGEX" on one line of the output) and what it must not ("# refuse:").
Prints TAP. Uses a lab of its own (XENPV_LAB=selftest).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = HERE.parent / "lab"


class Tap:
    """Counts and prints results."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, good, text, output=""):
        """One line; the output under test where it is wrong."""
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}", flush=True)
        if not good:
            for line in output.splitlines()[-60:]:
                print(f"# {line}")


def lab(*args, **env):
    """Runs the lab; answers status and everything that it printed."""
    done = subprocess.run([str(LAB), *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False,
                          env={**os.environ, "XENPV_LAB": "selftest", **env})
    return done.returncode, done.stdout.decode(errors="replace")


def head(file, word):
    """The values of '# WORD: VALUE' lines."""
    return re.findall(rf"^# {word}: ?(.*)$", file.read_text(), re.M)


def one(tap, file):
    """One test in the lab that is alive."""
    status, output = lab("test", f"lab/selftest/{file.stem}")
    for regex in head(file, "expect"):
        tap.result(re.search(regex, output, re.M), f"{file.stem}: prints {regex}", output)
    for regex in head(file, "refuse"):
        tap.result(not re.search(regex, output, re.M), f"{file.stem}: does not print {regex}",
                   output)
    good = bool(re.search(r"^[1-9]\d* passed, 0 failed", output, re.M))
    tap.result((status == 0) == good, f"{file.stem}: exit status {status}", output)


def arguments(tap):
    """Wrong arguments: one clear message that names the value, status not 0."""
    for args, env, message in [
            (["test", "no-such-test"], {}, "no test is named 'no-such-test'"),
            (["run", "--list", "/nowhere"], {}, "cannot read the list '/nowhere'"),
            (["run", "--list", "/dev/null"], {}, "the list '/dev/null' names no test"),
            (["frobnicate"], {}, "frobnicate"),
            (["boot", "--frob"], {}, "--frob"),
            (["status"], {"XENPV_LAB": "a/b"}, "'a/b' is not a name"),
            (["push"], {"XENPV_LAB": "none-alive"}, "no lab is alive"),
            (["console", "dom0"], {"XENPV_LAB": "none-alive"}, "no lab is alive"),
            (["test", "pass"], {"XENPV_TIME_FACTOR": "x"}, "XENPV_TIME_FACTOR: 'x'"),
            (["test", "pass"], {"XENPV_LAB_CPUS": "x"}, "XENPV_LAB_CPUS: 'x'"),
            (["boot"], {"DOM0": "hvm", "XENPV_LAB": "none-alive"}, "DOM0: 'hvm'"),
            # nothing of the above has ended the lab that is alive
            (["console", "no-such-guest"], {}, "no guest 'no-such-guest'")]:
        status, output = lab(*args, **env)
        tap.result(status and message in output and "Traceback" not in output,
                   f"lab {' '.join(args)}: says {message}", output)


def after_crash(tap):
    """The next test runs in a lab that was booted again."""
    status, output = lab("run", "dom0-panic", "fail", "exit")
    tap.result(re.search(r"^2 passed, 4 failed, 1 skipped$", output, re.M) and status == 1,
               "run: counts all of it", output)


def main():
    """All of them, or those named as arguments."""
    tap = Tap()
    print("TAP version 13")
    names = sys.argv[1:]
    lab("boot")
    try:
        for file in sorted(HERE.glob("*.sh")):
            if not names or file.stem in names:
                one(tap, file)
        if not names or "arguments" in names:
            arguments(tap)
        if not names or "after-crash" in names:
            after_crash(tap)
    finally:
        lab("stop")
    print(f"1..{tap.count}\n{tap.count - tap.failed} passed, {tap.failed} failed")
    return 1 if tap.failed or not tap.count else 0


sys.exit(main())

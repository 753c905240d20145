# SPDX-License-Identifier: GPL-2.0
"""What the lab tells its user, and how it fails."""

import subprocess
import sys
import time

_start = time.monotonic()


class LabError(Exception):
    """Something the user has to know: one clear message, non-zero status."""


def step(text):
    """Progress, on standard error so that standard output stays TAP."""
    print(f"lab: [{time.monotonic() - _start:6.1f}] {text}", file=sys.stderr, flush=True)


def run(argv, what, log=None, data="", **kwargs):
    """Runs a helper program to its end; its output is shown only if it fails."""
    try:
        done = subprocess.run(argv, input=data.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, **kwargs)
    except FileNotFoundError as err:
        raise LabError(f"{what}: the program '{err.filename}' is missing; "
                       "'lab setup' installs it") from None
    text = done.stdout.decode(errors="replace")
    if log:
        log.write_text(text)
    if done.returncode:
        tail = "\n".join("    " + line[:300] for line in text.splitlines()[-20:])
        raise LabError(f"{what} failed with status {done.returncode}:\n{tail}")
    return text

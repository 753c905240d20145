# SPDX-License-Identifier: GPL-2.0
"""Domains' names, from xenstore where it can be read: in dom0, and what a guest may see."""

import subprocess
import time

# A name changes when a domain is renamed, and at the end of a migration.
_KEEP_SECONDS = 10
_WAIT_SECONDS = 2


def printable(text):
    """Without what would move the cursor or break a line."""
    return "".join(char if char.isprintable() else "?" for char in text)


class Domains:
    """Names by number, remembered for some seconds."""

    def __init__(self):
        self._names = {}
        self._missing = False

    def name(self, domain):
        """The name; None where xenstore does not tell it."""
        if domain is None or self._missing:
            return None
        name, until = self._names.get(domain, (None, 0))
        if time.monotonic() >= until:
            name = self._ask(domain)
            self._names[domain] = name, time.monotonic() + _KEEP_SECONDS
        return name

    def _ask(self, domain):
        try:
            done = subprocess.run(["xenstore-read", f"/local/domain/{domain}/name"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, timeout=_WAIT_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            # Not asked again: a screen must not wait for it each time.
            self._missing = True
            return None
        text = printable(done.stdout.decode(errors="replace").rstrip("\n"))
        return text if done.returncode == 0 and text else None

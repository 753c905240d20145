# SPDX-License-Identifier: GPL-2.0
"""The host's Debian packages."""

import os
import subprocess

from . import recipe, say
from .say import LabError, step


def missing():
    """The packages of recipe.HOST_PACKAGES that are not installed."""
    names = recipe.HOST_PACKAGES
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    have = {line.split()[0] for line in done.stdout.decode().splitlines()
            if line.endswith(" installed")}
    return [name for name in names if name not in have]


def install():
    """Installs what is missing; says so."""
    names = missing()
    if not names:
        return
    if os.geteuid():
        raise LabError(f"missing Debian packages: {' '.join(names)}; installing them needs root: "
                       "sudo selftests/lab/lab setup")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    step("apt-get update")
    say.run(["apt-get", "-q", "update"], "apt-get update", env=env)
    step(f"apt-get install {' '.join(names)} (a few minutes on a fresh machine)")
    say.run(["apt-get", "-q", "install", "-y", "--no-install-recommends", *names],
            "apt-get install", env=env)
    left = missing()
    if left:
        raise LabError(f"apt-get installed no package '{left[0]}'")


def require():
    """Complains about the first missing package without installing anything."""
    names = missing()
    if names:
        raise LabError(f"missing Debian packages: {' '.join(names)}; "
                       "'sudo selftests/lab/lab setup' installs them")

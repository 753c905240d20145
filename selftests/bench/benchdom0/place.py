# SPDX-License-Identifier: GPL-2.0
"""What stays for all visits of a place: the guests, and an empty dom0."""

import shutil

from . import domains, vif
from .dom0 import Failed


def begin(dom0, place, guests):
    """Creates the guests, without frontends."""
    end(dom0)
    dom0.state.mkdir(parents=True, exist_ok=True)
    if place in domains.GUEST_PLACES:
        for i in range(1, guests + 1):
            dom0.library('guest_create "$@"', f"g{i}", f"type={place}", "front=none")


def end(dom0):
    """Removes all there is, also after a failure."""
    vif.remove_ends(dom0)
    try:
        dom0.library("cleanup")
    except Failed as err:
        raise Failed(f"dom0 is not as it was before: {err}", err.status) from None
    finally:
        shutil.rmtree(dom0.state, ignore_errors=True)

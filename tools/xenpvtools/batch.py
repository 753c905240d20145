# SPDX-License-Identifier: GPL-2.0
"""xenpv-top -b: one block of text for each interval, for files, pipes and scripts."""

import itertools
import time

from . import devices, rates, table


def block(now, before, domains, options):
    """The lines of one interval."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    yield f"xenpv-top {stamp} {now.time - before.time:.2f} s"
    for trouble in (devices.no_driver(now), now.trouble):
        if trouble:
            yield f"# {trouble}"
    found = [row for row in rates.between(now, before) if table.chosen(row, options.domain, domains)]
    for kind in options.kinds:
        rows = table.ordered([row for row in found if row.device.kind == kind],
                             options.sort, options.reverse)
        yield from table.batch_lines(kind, rows, domains)
    yield ""


def run(options, domains):
    """Prints as many intervals as were asked for, without end if none were."""
    before = devices.Snapshot()
    for _ in range(options.count) if options.count else itertools.count():
        time.sleep(options.delay)
        now = devices.Snapshot()
        print("\n".join(block(now, before, domains, options)), flush=True)
        before = now

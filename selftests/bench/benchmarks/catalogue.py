# SPDX-License-Identifier: GPL-2.0
"""All jobs, and choosing among them."""

import fnmatch

from xenlab.say import LabError

from . import blk, dev, net


def every():
    """All jobs, in the order in which they are measured and shown."""
    return [*blk.jobs(), *net.jobs(), *dev.jobs()]


def select(patterns, quick):
    """Those whose names match one of the patterns ('a,b*'), or the quick ones, or all."""
    jobs = every()
    if not patterns:
        return [job for job in jobs if job.quick or not quick]
    chosen = []
    for pattern in patterns.split(","):
        found = [job for job in jobs if fnmatch.fnmatch(job.name, pattern.strip())]
        if not found:
            raise LabError(f"JOBS: no job matches '{pattern}'; 'make bench-jobs' lists them all, "
                           "and * and ? stand for what differs, as in blk.null.*.d32.*,net.rr.*")
        chosen += [job for job in found if job not in chosen]
    return sorted(chosen, key=jobs.index)

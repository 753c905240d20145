# SPDX-License-Identifier: GPL-2.0
"""The order of all measurements, and how long they will take.

A visit attaches what some jobs need under one contender, and runs them. Visits of
the contenders alternate, so that what drifts on the host meets all of them alike;
every second round goes backwards, so that none is always first.
"""

import dataclasses

from xenlab import variant

from .contender import BARE, NATIVE, THREAD

# Seconds of host time under TCG, as a quick run took them: besides a job's own time, for a
# visit, for each device beyond the first, for a guest, for a boot.
AROUND_JOB, VISIT, DEVICE, GUEST, BOOT = 3.5, 10, 3, 20, 25
# How much longer all takes where virtual time is instructions.
ICOUNT = 4


@dataclasses.dataclass(frozen=True)
class Visit:
    """Some jobs of one set-up, under one contender, in one round."""

    place: str
    round: int
    contender: object
    setup: tuple
    jobs: tuple

    def expected(self, seconds, clock):
        """Seconds of host time."""
        setup = VISIT + DEVICE * (self.setup[2] - 1)
        if self.contender in BARE:
            setup = 2
        total = setup + len(self.jobs) * (seconds + AROUND_JOB)
        return total * ICOUNT if clock == "icount" else total


def bare(settings):
    """What runs without a split driver; bioload is built for the lab's own kernel only. A
    quick run has no time for it, unless it is to tell the ceiling."""
    can = not variant.foreign_kernel() and any(job.thread for job in settings.jobs) and \
        (settings.clock == "icount" or not settings.quick)
    return (NATIVE, THREAD) if can else (NATIVE,)


def wanted(settings, job, place, one):
    """Whether a job is measured in a place under a contender. A whole run would take half a
    day for every combination: it has all of them for the core jobs; features off, and the
    other jobs, where dom0 is its own frontend; mixed pairs for core jobs only."""
    if not job.runs(place, one):
        return False
    if not settings.whole:
        return True
    if one.area or one in BARE:
        return place == "own" and (job.core or one in BARE)
    return job.core or place == "own" and one.plain


def visits(settings):
    """All visits of a run, in order."""
    setups = {}
    for job in settings.jobs:
        setups.setdefault(job.setup, []).append(job)
    found = []
    for place in settings.places:
        for number in range(1, settings.rounds + 1):
            order = [*bare(settings), *settings.contenders, *settings.without]
            for setup, jobs in setups.items():
                for one in order if number % 2 else reversed(order):
                    can = [job for job in jobs if wanted(settings, job, place, one)]
                    if can:
                        found.append(Visit(place, number, one, setup, tuple(can)))
    return found


def guests(settings, place):
    """How many guests a place needs."""
    if place == "own":
        return 0
    jobs = [job for visit in visits(settings) if visit.place == place for job in visit.jobs]
    return 2 if any(job.setup[1] == "bridge" for job in jobs) else 1


def expected(settings, todo):
    """Seconds of host time of these visits."""
    around = BOOT + sum(GUEST * guests(settings, place)
                        for place in {visit.place for visit in todo})
    return around + sum(visit.expected(settings.seconds, settings.clock) for visit in todo)


def clock_text(seconds):
    """3:07 or 1:03:07."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

# SPDX-License-Identifier: GPL-2.0
"""A whole run: visits every contender in turn, shows progress, keeps what it gets."""

import os
import sys
import time
from pathlib import Path

from xenlab import cache
from xenlab.dom0 import Dom0
from xenlab.say import LabError

from . import counters, instructions, made, plan, report, table
from .contender import BARE, NATIVE, THREAD
from .job import thread_result
from .place import Place
from .result import Result, load
from .stats import short

# A lab that has to be booted so often is broken.
MOST_BOOTS = 4
# A guest that QEMU loses in so many tries of a visit is not lost by chance.
MOST_TRIES = 3


def tell(text):
    """Progress, on standard error."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Progress:
    """How far a run is, and how much longer it takes."""

    def __init__(self, settings, visits):
        self.settings = settings
        self.left = sum(self._expected(visit) for visit in visits)
        self.total = self.left
        self.start = time.monotonic()

    def _expected(self, visit):
        return visit.expected(self.settings.seconds, self.settings.clock)

    def begin(self):
        """The first boot is over."""
        if self.left == self.total:
            self.start = time.monotonic()

    def done(self, visit, text):
        """One more visit."""
        self.left -= self._expected(visit)
        spent = time.monotonic() - self.start
        pace = spent / (self.total - self.left)
        tell(f"[{100 * (1 - self.left / self.total):3.0f} %, {plan.clock_text(self.left * pace)} "
             f"left] {visit.place} round {visit.round} {visit.contender.name}: {text}")


class Measurement:
    """One run."""

    def __init__(self, settings, push=None):
        self.settings = settings
        self.push = push or (lambda machine: Dom0(machine).push())
        self.visits = plan.visits(settings)
        self.result = self.resumed(Path(settings.resume)) if settings.resume else None
        if self.result:
            self.visits = self.result.missed(self.visits)
        self.progress = Progress(settings, self.visits)
        self.boots = 0

    def blank(self, description):
        """A result without samples."""
        settings = self.settings
        names = [one.name for one in [*plan.bare(settings), *settings.contenders]]
        return Result(description, settings.places, names, settings.baseline(),
                      [one.name for one in settings.without])

    def resumed(self, folder):
        """An earlier run's result, without what failed; an error where it is of another kind."""
        path = folder / "result.json"
        if not path.is_file():
            raise LabError(f"RESUME: there is no file '{path}'")
        found, blank = load(path), self.blank(made.asked(self.settings))
        for name, value in blank.made.items():
            if found.made.get(name) != value:
                raise LabError(f"RESUME: {path} has {name}: {found.made.get(name)}, this run "
                               f"{value}")
        for name in "places", "columns", "baseline", "without":
            if getattr(found, name) != getattr(blank, name):
                raise LabError(f"RESUME: {path} is of a run with other {name}: "
                               f"{getattr(found, name)}")
        if not made.same_drivers(found.made["ours"]):
            raise LabError(f"RESUME: {path} is of revision {found.made['ours']}, whose drivers "
                           "are not those of this tree")
        for visit in self.visits:
            found.forget_failures(visit)
        found.made["resumed"] = found.made.get("resumed", 0) + 1
        return found

    def place(self, name):
        """A place that is not begun yet."""
        return Place(name, self.settings.clock, plan.guests(self.settings, name),
                     self.settings.seconds, self.push)

    def begin(self, place):
        """The place, up; the first time also what describes the run."""
        if not place.machine.state():
            self.boots += 1
            if self.boots > MOST_BOOTS:
                raise LabError(f"the lab broke {MOST_BOOTS} times: giving up")
        place.begin()
        if not self.result:
            self.result = self.blank(made.describe(self.settings, place.machine))
        self.progress.begin()

    def visit(self, place, visit):
        """All jobs of a visit; answers what to show."""
        area, kind, number = visit.setup
        where = NATIVE.name if visit.contender in BARE else place.name
        text = place.call(f"{area}_begin", where, visit.contender.front, visit.contender.back,
                          kind, str(number), seconds=120 + 20 * number)
        devices = text.split("devices ")[-1].split() if area == "blk" else []
        shown = []
        for job in visit.jobs:
            try:
                figures = self.job(place, where, visit, job, devices)
                head = job.figures[0]
                shown.append(f"{job.name.partition('.')[2]} {short(figures[head])} {head}")
            except LabError as err:
                self.result.fail(visit, job, str(err))
                shown.append(f"{job.name} FAILED: {err}")
        place.call(f"{area}_end", where, seconds=60 + 10 * number)
        return ", ".join(shown)

    def job(self, place, where, visit, job, devices):
        """One sample."""
        seconds = str(self.settings.seconds)
        words, parse = job.command(where, devices, self.settings.seconds), job.parse
        if visit.contender == THREAD:
            words = job.thread(devices, self.settings.seconds)
            parse = thread_result
        parts = counters.sections(place.call("measured", where, seconds, *words))
        figures = parse(parts["output"], self.settings.seconds)
        each = counters.per_request(parts["before"], parts["after"], figures.pop("requests", 0))
        if self.settings.hypercalls and visit.round == 1 and visit.contender not in BARE:
            each.update(self.traced(place, where, words, job))
        rate = job.rate(figures)
        each.update(counters.microseconds(counters.shares(parts["cpu"]), rate))
        each.update(instructions.per_request(place.machine.dir, parts["cpu"], rate))
        self.result.add(visit, job, figures, each)
        return figures

    def traced(self, place, where, words, job):
        """The hypercalls for each request, from another run of the job."""
        parts = counters.sections(place.call("traced", where, *words))
        requests = job.parse(parts["output"], self.settings.seconds).get("requests", 0)
        return counters.hypercalls(parts["hypercalls"], requests)

    def run(self, folder):
        """Everything; the result."""
        place = None
        for visit in self.visits:
            if not place or place.name != visit.place:
                if place:
                    self.leave(place)
                place = self.place(visit.place)
            self.progress.done(visit, self.tries(place, visit))
            self.result.save(folder / "result.json")
        if place:
            self.leave(place)
        return self.result

    def tries(self, place, visit):
        """A visit, anew where QEMU lost a guest in it; what to show."""
        for left in reversed(range(MOST_TRIES)):
            text, lost = self.attempt(place, visit)
            if not lost or not left:
                return text
            self.result.forget_failures(visit)
            [visit] = self.result.missed([visit])
            tell(f"{visit.place} {visit.contender.name}: a guest has triple-faulted at {lost}; "
                 f"anew: {', '.join(job.name for job in visit.jobs)}")
            place.end()

    def attempt(self, place, visit):
        """A visit, once; what to show, and whether it failed because QEMU lost a guest, and
        where that was."""
        since = place.machine.console_size() if place.machine.state() else 0
        try:
            self.begin(place)
            text = self.visit(place, visit)
        except LabError as err:
            if not self.result:
                raise
            text = f"FAILED: {err}"
            for job in self.result.missing(visit):
                self.result.fail(visit, job, str(err))
            place.end()
        failed = self.result.failures(visit)
        return text, failed and place.machine.lost_guest(since)

    def leave(self, place):
        """The place's end, with what its kernels complained of."""
        if place.machine.state():
            self.result.complaints += place.splats()
            place.end()


def out_folder(settings):
    """Where the result goes: OUT=, that of RESUME=, or a new folder below build/bench."""
    path = Path(settings.out or settings.resume) if settings.out or settings.resume else \
        cache.TREE / "build/bench" / time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


def announce(settings, visits):
    """What comes, and how long it takes."""
    every = [*settings.contenders, *settings.without]
    tell(f"{len(settings.jobs)} jobs, {', '.join(settings.places)}, "
         f"{', '.join(dict.fromkeys(one.name for one in every))} "
         f"and native, {settings.rounds} "
         f"rounds of {settings.seconds} s, clock: {settings.clock}")
    tell(f"{len(visits)} visits, about {plan.clock_text(plan.expected(settings, visits))} in all")
    if settings.clock == "wall" and os.getloadavg()[0] > 0.7 * (os.cpu_count() or 1):
        tell(f"the host is busy (load {os.getloadavg()[0]:.1f}): figures will be noisy")


def run(settings, push=None):
    """Measures, prints the table, writes the reports; the exit status."""
    measurement = Measurement(settings, push)
    folder = out_folder(settings)
    announce(settings, measurement.visits)
    machine = measurement.place(settings.places[0]).machine
    if machine.state():
        raise LabError(f"the lab '{cache.instance()}' is alive and may be in use: "
                       f"XENPV_LAB={cache.instance()} selftests/lab/lab stop ends it")
    start = time.monotonic()
    try:
        with cache.processors(machine.name, "benchmarks", machine.width()):
            result = measurement.run(folder)
    except KeyboardInterrupt:
        tell(f"interrupted; what there is so far is in {folder}")
        result = measurement.result
        if not result:
            raise
    finally:
        machine.stop()
    result.made["took"] = plan.clock_text(time.monotonic() - start)
    result.made["load of the host after"] = f"{os.getloadavg()[0]:.2f}"
    return show(result, folder)


def show(result, folder):
    """Table and reports of a result; 1 where anything failed."""
    result.save(folder / "result.json")
    (folder / "report.html").write_text(report.page(result))
    print(table.text(result))
    for error in result.errors():
        print(f"FAILED: {error}")
    for line in result.complaints:
        print(f"a kernel complained: {line}")
    tell(f"{folder}/report.html and result.json")
    return 1 if result.errors() or result.complaints else 0

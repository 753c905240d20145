# SPDX-License-Identifier: GPL-2.0
"""All samples of a run, as they are kept in result.json."""

import dataclasses
import json

from . import catalogue
from .stats import Summary, median, ratio
from .job import FIGURES


def _is_of(sample, visit):
    return (sample["place"], sample["round"], sample["column"]) == \
        (visit.place, visit.round, visit.contender.name)


class Result:
    """What was measured, and with what."""

    def __init__(self, made, places, columns, baseline, without=(), samples=()):
        self.made = made            # versions and settings
        self.places = places
        self.columns = columns      # names of contenders, native first
        self.baseline = baseline
        # names of contenders with one feature off; some are so in both areas
        self.without = list(dict.fromkeys(without))
        self.samples = list(samples)
        self.complaints = []        # of the kernels

    def add(self, visit, job, figures, per_request):
        """A good sample."""
        self.samples.append({"place": visit.place, "round": visit.round, "job": job.name,
                             "column": visit.contender.name, "figures": figures,
                             "per_request": per_request})

    def fail(self, visit, job, why):
        """A sample that could not be had."""
        self.samples.append({"place": visit.place, "round": visit.round, "job": job.name,
                             "column": visit.contender.name, "error": why})

    def missing(self, visit):
        """The jobs of a visit that have no sample yet."""
        have = {sample["job"] for sample in self.samples if _is_of(sample, visit)}
        return [job for job in visit.jobs if job.name not in have]

    def failures(self, visit):
        """The samples of a visit that could not be had."""
        return [sample for sample in self.samples
                if "error" in sample and _is_of(sample, visit)]

    def forget_failures(self, visit):
        """As if what could not be had in a visit had not been tried."""
        failed = self.failures(visit)
        self.samples = [sample for sample in self.samples if sample not in failed]

    def missed(self, visits):
        """The visits that are still to be made, each with the jobs that have no sample."""
        left = [dataclasses.replace(visit, jobs=tuple(self.missing(visit))) for visit in visits]
        return [visit for visit in left if visit.jobs]

    def errors(self):
        """What failed, one line for all jobs that failed alike."""
        found = {}
        for sample in self.samples:
            if "error" in sample:
                key = f"{sample['place']} {sample['column']} round {sample['round']}: " \
                      f"{sample['error']}"
                found.setdefault(key, []).append(sample["job"])
        return [f"{jobs[0]}{f' and {len(jobs) - 1} more' if jobs[1:] else ''}, {key}"
                for key, jobs in found.items()]

    def jobs(self):
        """The jobs that were tried, in the catalogue's order."""
        names = {sample["job"] for sample in self.samples}
        return [job for job in catalogue.every() if job.name in names]

    def tried(self, place, job, column):
        """Whether there is a sample, good or not."""
        return any((sample["place"], sample["job"], sample["column"]) == (place, job.name, column)
                   for sample in self.samples)

    def _good(self, place, job, column):
        return [sample for sample in self.samples if "error" not in sample
                and (sample["place"], sample["job"], sample["column"]) == (place, job.name, column)]

    def summary(self, place, job, column, figure):
        """Median and spread, or None where nothing was measured."""
        values = [sample["figures"][figure] for sample in self._good(place, job, column)
                  if figure in sample["figures"]]
        return Summary(values) if values else None

    def ratio(self, place, job, column, figure, base=None):
        """A column's median against the baseline's; more than 1 is better."""
        ours = self.summary(place, job, column, figure)
        other = self.summary(place, job, base or self.baseline, figure)
        if not ours or not other:
            return None
        return ratio(ours.median, other.median, FIGURES[figure][1])

    def per_request(self, place, job, column):
        """The medians of all counters for each request."""
        samples = [sample["per_request"] for sample in self._good(place, job, column)]
        names = sorted({name for sample in samples for name in sample})
        # what only some samples have, such as hypercalls, others did not count
        return {name: median([sample[name] for sample in samples if name in sample])
                for name in names}

    def save(self, path):
        """Writes it all."""
        path.write_text(json.dumps(vars(self), indent=1) + "\n")


def load(path):
    """A result that save() wrote."""
    data = json.loads(path.read_text())
    result = Result(data["made"], data["places"], data["columns"], data["baseline"],
                    data.get("without", ()), data["samples"])
    result.complaints = data["complaints"]
    return result

# SPDX-License-Identifier: GPL-2.0
"""Latency histograms as the drivers keep them: lists of counts, one for each bucket."""

from .names import HIST_BUCKETS

# The upper bounds in seconds; the last bucket has none.
BOUNDS = [(1024 << i) / 1e9 for i in range(HIST_BUCKETS - 1)] + [float("inf")]
# As debugfs prints them, in whole microseconds.
_PRINTED = {str((1024 << i) // 1000): i for i in range(HIST_BUCKETS)}


def parse(text):
    """The counts of "16:7 32:1": seven took less than 16 us, and not less than half of it."""
    counts = [0] * HIST_BUCKETS
    for pair in text.split():
        bound, _, count = pair.partition(":")
        if bound in _PRINTED and count.isdigit():
            counts[_PRINTED[bound]] += int(count)
    return counts


def add(*several):
    """All together."""
    return [sum(counts) for counts in zip(*several)]


def since(now, then):
    """What was counted between two readings; None where it went backwards."""
    counts = [a - b for a, b in zip(now, then)]
    return None if min(counts) < 0 else counts


def _span(i):
    """Lower and upper bound of a bucket. The last one is taken for a point, its lower
    bound: how far it reaches is not known."""
    low = 0 if i == 0 else BOUNDS[i - 1]
    return low, (low if i == HIST_BUCKETS - 1 else BOUNDS[i])


def percentile(counts, percent):
    """Seconds below which so many percent lie, as if each bucket were filled evenly; None
    for an empty histogram."""
    total = sum(counts)
    if not total:
        return None
    rank = total * percent / 100
    for i, count in enumerate(counts):
        if count and rank <= count:
            low, high = _span(i)
            return low + (high - low) * rank / count
        rank -= count
    return BOUNDS[-2]


def total_seconds(counts):
    """All durations together, an estimate: each counts as the middle of its bucket."""
    return sum(count * sum(_span(i)) / 2 for i, count in enumerate(counts))

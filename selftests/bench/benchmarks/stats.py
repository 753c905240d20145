# SPDX-License-Identifier: GPL-2.0
"""What a few noisy samples say. Pure; test_stats.py tests it."""

import math


def median(values):
    """The middle one, or the mean of the two in the middle."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no median of no samples")
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


class Summary:
    """Median and spread of the samples of one figure."""

    def __init__(self, values):
        self.values = list(values)
        self.median = median(self.values)
        self.low, self.high = min(self.values), max(self.values)

    def apart(self, other):
        """Whether not one sample of either lies within the other's spread."""
        return self.low > other.high or self.high < other.low


def ratio(ours, base, lower_is_better=False):
    """How many times better, so that more than 1 is always better; None without a base."""
    if lower_is_better:
        ours, base = base, ours
    return ours / base if base else None


def geometric_mean(ratios):
    """The mean of ratios: twice and half as fast make 1."""
    if not ratios:
        raise ValueError("no mean of no ratios")
    return math.exp(sum(math.log(one) for one in ratios) / len(ratios))


def short(value):
    """A figure with four digits: 0.1234, 12.34, 1234, 12.34k."""
    for limit, unit in (1e9, "G"), (1e6, "M"), (1e4, "k"):
        if abs(value) >= limit:
            return short(value / {"G": 1e9, "M": 1e6, "k": 1e3}[unit]) + unit
    if value == int(value) and abs(value) < 1e4:
        return str(int(value))
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:.{digits}f}"

# SPDX-License-Identifier: GPL-2.0
"""The table for the terminal."""

from .contender import BARE
from .job import FIGURES
from .place import NAMES
from .stats import geometric_mean, short


def _cell(result, place, job, column, figure):
    if not result.tried(place, job, column):
        return "-"
    summary = result.summary(place, job, column, figure)
    if not summary:
        # a kernel thread has no percentiles
        return "failed" if not result.summary(place, job, column, job.figures[0]) else "-"
    if len(summary.values) == 1:
        return short(summary.median)
    return f"{short(summary.median)} ({short(summary.low)}..{short(summary.high)})"


def ratio_columns(result):
    """The columns that are compared with the baseline."""
    bare = [one.name for one in BARE]
    return [name for name in result.columns if name not in (*bare, result.baseline)]


def ceiling(result, place, job, figure):
    """What a split driver that costs nothing would reach on one processor: a request is
    made in the frontend's machine as a native one is, and once more in the backend's."""
    parts = [result.summary(place, job, one.name, figure) for one in BARE]
    if not result.made.get("clock", "").startswith("icount") or not all(parts):
        return None
    return 1 / sum(1 / part.median for part in parts)


def rows(result, place):
    """For each figure: job, unit, a cell for each column and the ceiling, the ratios,
    and those of native and of the ceiling."""
    for job in result.jobs():
        for figure in job.figures:
            cells = [_cell(result, place, job, column, figure) for column in result.columns]
            ratios = [result.ratio(place, job, column, figure) for column in ratio_columns(result)]
            best = (ratio_columns(result) or [result.baseline])[0]
            summary = result.summary(place, job, best, figure)
            most = ceiling(result, place, job, figure)
            cells.append(short(most) if most else "-")
            native = [result.ratio(place, job, best, figure, "native"),
                      summary.median / most if summary and most else None]
            name = job.name if figure == job.figures[0] else f"  {figure}"
            unit = figure if figure == job.figures[0] else FIGURES[figure][0]
            yield name, unit, cells, ratios, native


def heads(result):
    """The titles of rows()."""
    best = (ratio_columns(result) or [result.baseline])[0]
    return ["job", "", *result.columns, "ceiling",
            *[f"{name} : base" for name in ratio_columns(result)], f"{best} : native",
            f"{best} : ceiling"]


def _number(value):
    return "-" if value is None else f"{value:.2f}"


def means(result, place):
    """Of each compared column, the geometric mean of its headline ratios."""
    found = []
    for column in ratio_columns(result):
        ratios = [result.ratio(place, job, column, job.figures[0]) for job in result.jobs()]
        ratios = [one for one in ratios if one]
        found.append(geometric_mean(ratios) if ratios else None)
    return found


# What is whole while one feature of it is off.
WITH = "ours/ours"


def features(result):
    """What each feature buys, where one was switched off: job, then a ratio for each."""
    for place in result.places:
        for job in result.jobs():
            ratios = [result.ratio(place, job, WITH, job.figures[0], name)
                      for name in result.without]
            if any(ratios):
                yield job.name, ratios


def _lines(lines, left):
    """Lines of cells, as wide as their columns are; so many of these to the left."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = [cell.ljust(width) if i < left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        yield "  ".join(cells).rstrip()


def text(result):
    """The whole table."""
    out = [f"base = {result.baseline}; medians (lowest..highest); a ratio above 1 is better "
           "than the base, also of latencies"]
    for place in result.places:
        lines = [heads(result)]
        for name, unit, cells, ratios, native in rows(result, place):
            lines.append([name, unit, *cells, *map(_number, [*ratios, *native])])
        mean = ["geometric mean", "", *[""] * (len(result.columns) + 1),
                *map(_number, means(result, place)), "", ""]
        lines.append(mean)
        out += ["", f"{place}: {NAMES[place]}", *_lines(lines, 2)]
    lines = [[name, *map(_number, ratios)] for name, ratios in features(result)]
    if lines:
        out += ["", f"what each feature buys: {WITH} against",
                *_lines([["job", *result.without], *lines], 1)]
    return "\n".join(out)

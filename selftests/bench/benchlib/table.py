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
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        out += ["", f"{place}: {NAMES[place]}"]
        for line in lines:
            cells = [line[0].ljust(widths[0]), line[1].ljust(widths[1]),
                     *[cell.rjust(width) for cell, width in zip(line[2:], widths[2:])]]
            out.append("  ".join(cells).rstrip())
    return "\n".join(out)

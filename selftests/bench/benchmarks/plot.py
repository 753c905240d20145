# SPDX-License-Identifier: GPL-2.0
"""Plots by gnuplot, as SVG: bars with the spread, one cluster for each job."""

from xenlab import say

COLOURS = ["#888888", "#1b6ca8", "#7fb3d5", "#f5b971", "#c0392b", "#58a55c", "#8e44ad"]


def svg(result, place, jobs, figure, title):
    """A picture of some jobs' figure in one place, or "" where nothing was measured."""
    # gnuplot fails at a column without a single value
    columns = [column for column in result.columns
               if any(result.summary(place, job, column, figure) for job in jobs)]
    if not columns:
        return ""
    lines = []
    for job in jobs:
        fields = [f'"{job.label}"']
        for column in columns:
            summary = result.summary(place, job, column, figure)
            fields += [str(getattr(summary, part)) if summary else "NaN"
                       for part in ("median", "low", "high")]
        lines.append(" ".join(fields))
    bars = [f"$data using {3 * i + 2}:{3 * i + 3}:{3 * i + 4}"
            f'{":xtic(1)" if i == 0 else ""} title "{column}" '
            f'lc rgb "{COLOURS[result.columns.index(column) % len(COLOURS)]}"'
            for i, column in enumerate(columns)]
    script = "\n".join([
        "$data << END", *lines, "END",
        f"set terminal svg size {max(480, 160 + 34 * len(jobs) * len(columns))},320 "
        "font 'sans-serif,11' noenhanced",
        f'set title "{title}"', f'set ylabel "{figure}"', "set yrange [0:*]", "set grid y",
        "set style fill solid", "set style histogram errorbars gap 1.5 lw 1",
        "set style data histogram", "set key outside below", "set border 3",
        "set xtics nomirror scale 0", "set ytics nomirror", "plot " + ", ".join(bars), ""])
    out = say.run(["gnuplot"], "gnuplot", data=script)
    return out[out.index("<svg"):]

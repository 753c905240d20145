# SPDX-License-Identifier: GPL-2.0
"""The report as one HTML file, with its pictures in it."""

import html

from . import plot, table
from .place import NAMES
from .stats import short

STYLE = """body { font: 14px sans-serif; margin: 2em; max-width: 90em }
table { border-collapse: collapse; margin: 1em 0 }
td, th { padding: 2px 9px; border-bottom: 1px solid #ddd; text-align: right }
td:first-child, th:first-child { text-align: left; font-family: monospace; white-space: pre }
.better { color: #1a7f37; font-weight: bold } .worse { color: #b3261e; font-weight: bold }
.error { color: #b3261e } svg { vertical-align: top }"""


def _row(cells, tag="td"):
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _ratio(value):
    if value is None:
        return "-"
    kind = "better" if value >= 1.05 else "worse" if value <= 0.95 else "same"
    return f'<span class="{kind}">{value:.2f}</span>'


def _figures(result, place):
    yield "<table>" + _row([html.escape(head) for head in table.heads(result)], "th")
    for name, unit, cells, ratios, native in table.rows(result, place):
        yield _row([html.escape(name), unit, *cells, *map(_ratio, ratios),
                    *["-" if one is None else f"{one:.2f}" for one in native]])
    mean = [_ratio(value) for value in table.means(result, place)]
    yield _row(["geometric mean", "", *[""] * (len(result.columns) + 1), *mean, "", ""]) + "</table>"


def _features(result):
    rows = [_row([html.escape(name), *map(_ratio, ratios)])
            for name, ratios in table.features(result)]
    if not rows:
        return
    yield f"<h2>What each feature buys: {html.escape(table.WITH)} against</h2><table>"
    yield _row(["job", *map(html.escape, result.without)], "th")
    yield from rows
    yield "</table>"


def _plots(result, place):
    groups = {}
    for job in result.jobs():
        for figure in job.figures:
            groups.setdefault((job.group, figure), []).append(job)
    for (group, figure), jobs in groups.items():
        yield plot.svg(result, place, jobs, figure, f"{group}, {NAMES[place]}")


def _counters(result, place):
    """For each job: a row for each counter, a column for each contender."""
    for job in result.jobs():
        found = {column: result.per_request(place, job, column) for column in result.columns}
        names = sorted({name for counters in found.values() for name in counters})
        if not names:
            continue
        yield f"<table>{_row([job.name, *map(html.escape, result.columns)], 'th')}"
        for name in names:
            yield _row([name, *[short(found[column][name]) if name in found[column] else "-"
                                for column in result.columns]])
        yield "</table>"


def page(result):
    """The whole page."""
    out = ["<!DOCTYPE html><html><head><meta charset='utf-8'><title>xenpv benchmarks</title>",
           f"<style>{STYLE}</style></head><body><h1>xenpv benchmarks</h1><table>"]
    out += [_row([html.escape(name), html.escape(str(value))])
            for name, value in result.made.items()]
    out.append(f"</table><p>The base is {html.escape(result.baseline)}. Figures are medians "
               "(lowest..highest); a ratio above 1 is better than the base, also of latencies. "
               "<i>native</i> is the same work in dom0 without a split driver, <i>thread</i> the same "
               "requests from a kernel thread; on the icount clock one of each is the "
               "<i>ceiling</i>: the least that a request through a split driver can cost.</p>")
    for place in result.places:
        out += [f"<h2>{NAMES[place]} ({place})</h2>", *_figures(result, place),
                *_plots(result, place),
                "<details><summary>For each request: events received in each domain, and what "
                "our drivers count</summary>", *_counters(result, place), "</details>"]
    out += _features(result)
    for title, lines in ("Failed", result.errors()), ("The kernels complained", result.complaints):
        if lines:
            out.append(f"<h2>{title}</h2><ul class='error'>" + "".join(
                f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>")
    return "\n".join([*out, "</body></html>"]) + "\n"

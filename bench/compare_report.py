#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# By the distribution's Python, which has the package markdown.
"""Makes the report of bench/compare.sh in its folder: compare_report.py FOLDER

Reads FOLDER/records.jsonl (their form: records.h) and FOLDER/run; writes index.md, index.html and
the plots. Every figure is the median over the rounds, (a-b) behind it the least and the greatest.
Every figure of ours stands beside the best peer's and the limit's, as the median of the ratios of
each round, for within a round all ways took turns.
"""
import contextlib
import io
import json
import pathlib
import statistics
import sys
from collections import defaultdict

import markdown

import compare_plots
from report_page import cell, figure, head, table

OURS = ("engine", "our_", "vsapi_")
LIMITS = ("limit_", "none")  # a store without any protection is one too

CLAMD = ("clamd_fildes", "clamd_fildes_session", "clamd_instream", "clamd_instream_session")
SESSIONS = ("clamd_fildes_session", "clamd_instream_session")
WAITS = "clients while bulk saturates, {}"
RELOAD = "clients while definitions reload, {}"

# What is aimed at: text, what stands above the ratio's line and what below, how it is to compare,
# bound. Each is case, metric, ways of the section `daemons`, of which the best one counts.
AIMS = [
    ("throughput of the engine against bare libclamav, same options, small definitions",
     ("mail mix, small", "items_per_second", ("engine",)),
     ("mail mix, small", "items_per_second", ("limit_libclamav",)), "≥", 0.98),
    ("against the best of clamd, small definitions",
     ("mail mix, small", "items_per_second", ("engine",)),
     ("mail mix, small", "items_per_second", CLAMD), "≥", 1.5),
    ("by CPU per item: bare libclamav against the engine",
     ("mail mix, small", "cpu_per_item", ("limit_libclamav",)),
     ("mail mix, small", "cpu_per_item", ("engine",)), "≥", 0.98),
    ("by CPU per item: the best of clamd against the engine",
     ("mail mix, small", "cpu_per_item", CLAMD), ("mail mix, small", "cpu_per_item", ("engine",)),
     "≥", 1.5),
    ("throughput by worker processes against the best of clamd, large definitions",
     ("mail mix, large", "items_per_second", ("engine_isolated",)),
     ("mail mix, large", "items_per_second", CLAMD), "≥", 2),
    ("worker processes against the host's process, 16 KiB",
     ("16 KiB, small", "items_per_second", ("engine_isolated",)),
     ("16 KiB, small", "items_per_second", ("engine",)), "≥", 0.95),
    ("client's p99 while bulk saturates against none",
     (WAITS.format("small"), "p99", ("engine",)),
     (WAITS.format("small"), "p99", ("limit_libclamav",)), "≤", 1.25),
    ("the same, the best of clamd against ours",
     (WAITS.format("small"), "p99", CLAMD), (WAITS.format("small"), "p99", ("engine",)), "≥", 2.5),
    ("the same, the best of clamd in sessions against ours",
     (WAITS.format("small"), "p99", SESSIONS), (WAITS.format("small"), "p99", ("engine",)), "≥",
     100),
    ("client's p99 while large definitions reload against before",
     (RELOAD.format("large"), "p99", ("engine",)),
     (RELOAD.format("large"), "p99_before", ("engine",)), "≤", 1.5),
]

STYLE = """<!doctype html><meta charset="utf-8"><title>{title}</title><style>
body{{font:15px/1.45 sans-serif;max-width:76em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse;display:block;overflow-x:auto}}
td,th{{border:1px solid #ccc;padding:.2em .5em;text-align:right;white-space:nowrap}}
td:first-child,th:first-child{{text-align:left}} img{{max-width:100%}}</style>
"""


class Measured:
    """All figures of one metric in one case: way -> round -> value."""

    def __init__(self, record):
        self.unit, self.more = record["unit"], record["better"] == "more"
        self.ways = defaultdict(dict)

    def ours(self):
        return [way for way in self.ways if way.startswith(OURS)]

    def best(self, wanted):
        """The way with the best median among those that are `wanted`; None without any."""
        pick = max if self.more else min
        return pick((way for way in self.ways if wanted(way)), default=None,
                    key=lambda way: statistics.median(self.ways[way].values()))

    def best_peer(self):
        return self.best(lambda way: not way.startswith(OURS + LIMITS))

    def limit(self):
        return self.best(lambda way: way.startswith(LIMITS))

    def times_better(self, ours, other):
        """Above 1 ours is ahead; one ratio for each round that has both, and a figure above 0."""
        pairs = [(self.ways[ours][at], self.ways[other][at])
                 for at in self.ways[ours] if at in self.ways[other]]
        return [(a / b if self.more else b / a) for a, b in pairs if a > 0 and b > 0]


def read_records(path):
    """section -> case -> metric -> Measured; and section -> case -> metric -> unit, way -> curves."""
    figures, curves = (defaultdict(lambda: defaultdict(dict)) for _ in range(2))
    for line in path.read_text().splitlines():
        record = json.loads(line)
        section, case, metric = (record[key] for key in ("section", "case", "metric"))
        if "points" in record:
            _, ways = curves[section][case].setdefault(metric, (record["unit"], defaultdict(list)))
            ways[record["way"]].append(record["points"])
        else:
            measured = figures[section][case].setdefault(metric, Measured(record))
            measured.ways[record["way"]][record["round"]] = record["value"]
    return figures, curves


def against(measured, ours, other):
    """Two cells: the other's figure, and how many times better ours is."""
    if other is None:
        return ["–", "–"]
    ratios = measured.times_better(ours, other)
    theirs = figure(statistics.median(measured.ways[other].values()))
    return [f"{other} {theirs}", f"**{cell(ratios)}**" if ratios else "–"]


def ratio_rows(cases):
    for case, metrics in cases.items():
        for metric, measured in metrics.items():
            peer, limit = measured.best_peer(), measured.limit()
            if peer is None and limit is None:
                continue
            for ours in measured.ours():
                if not any(any(measured.ways[way].values()) for way in (ours, peer or limit)):
                    continue  # zero here and there
                yield [case, f"{metric}, {measured.unit}", ours,
                       cell(list(measured.ways[ours].values())),
                       *against(measured, ours, peer), *against(measured, ours, limit)]


def best_of_each_round(cases, case, metric, ways):
    """round -> the best value that one of the ways had."""
    measured = cases.get(case, {}).get(metric)
    if measured is None:
        return {}
    pick = max if measured.more else min
    rounds = {at for way in ways for at in measured.ways.get(way, {})}
    return {at: pick(measured.ways[way][at] for way in ways if at in measured.ways.get(way, {}))
            for at in rounds}


def aim_rows(cases):
    for text, above, below, sign, bound in AIMS:
        over, under = best_of_each_round(cases, *above), best_of_each_round(cases, *below)
        ratios = [over[at] / under[at] for at in sorted(over) if under.get(at)]
        if not ratios:
            continue
        median = statistics.median(ratios)
        met = median >= bound if sign == "≥" else median <= bound
        yield text, f"{sign} {bound}", cell(ratios), "yes" if met else "**no**"


def aims_page(cases):
    rows = list(aim_rows(cases))
    if rows:
        print("## Aims\n")
        table(("what", "aim", "measured", "met"), rows)


def case_table(metrics):
    ways = dict.fromkeys(way for measured in metrics.values() for way in measured.ways)
    table(["way"] + [f"{metric}, {measured.unit}" for metric, measured in metrics.items()],
          [[way] + [cell(list(measured.ways[way].values())) if way in measured.ways else "–"
                    for measured in metrics.values()] for way in ways])


def growth_table(by, metrics):
    """A row for each number, a column for each figure of each way."""
    columns = {f"{way}: {metric.removesuffix('_by_' + by)}, {unit}":
               dict(compare_plots.medians(curves))
               for metric, (unit, ways) in metrics.items() for way, curves in ways.items()}
    rows = sorted({x for points in columns.values() for x in points})
    table([by, *columns],
          [[f"{x:,.0f}"] + [figure(points[x]) if x in points else "–"
                            for points in columns.values()] for x in rows])


def growth_page(section, curves):
    for case, metrics in curves.items():
        growing = {metric: measured for metric, measured in metrics.items()
                   if compare_plots.grows_by(metric)}
        if growing:
            print(f"### {section}: {case}, as it grows\n")
            growth_table(compare_plots.grows_by(next(iter(growing))), growing)


def section_page(section, cases, curves, folder):
    print(f"## {section}\n")
    rows = list(ratio_rows(cases))
    if rows:
        print("Ours beside the best peer and the limit; above 1 ours is ahead.\n")
        table(["case", "figure", "way", "ours", "best peer", "times better", "limit",
               "times better"], rows)
    for case, metrics in cases.items():
        print(f"### {section}: {case}\n")
        case_table(metrics)
    growth_page(section, curves)
    for title, file in compare_plots.draw(section, cases, curves, folder):
        print(f"![{title}]({file})\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    figures, curves = read_records(folder / "records.jsonl")
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        run = head("Side by side", folder / "run")
        print(f"Beside: {run['peers']}\n")
        print("What is what: bench/README.md. Raw: [records.jsonl](records.jsonl), "
              "[machine and command](run).\n")
        aims_page(figures["daemons"])
        for section, cases in figures.items():
            section_page(section, cases, curves[section], folder)
    (folder / "index.md").write_text(page.getvalue())
    (folder / "index.html").write_text(
        STYLE.format(title="Side by side")
        + markdown.markdown(page.getvalue(), extensions=["tables"]))


if __name__ == "__main__":
    main()

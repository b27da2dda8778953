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
LIMIT = "limit_"

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
        return self.best(lambda way: not way.startswith(OURS + (LIMIT,)))

    def limit(self):
        return self.best(lambda way: way.startswith(LIMIT))

    def times_better(self, ours, other):
        """Above 1 ours is ahead; one ratio for each round that has both, and a figure above 0."""
        pairs = [(self.ways[ours][at], self.ways[other][at])
                 for at in self.ways[ours] if at in self.ways[other]]
        return [(a / b if self.more else b / a) for a, b in pairs if a > 0 and b > 0]


def read_records(path):
    """section -> case -> metric -> Measured; and section -> case -> metric -> way -> curves."""
    figures, curves = (defaultdict(lambda: defaultdict(dict)) for _ in range(2))
    for line in path.read_text().splitlines():
        record = json.loads(line)
        section, case, metric = (record[key] for key in ("section", "case", "metric"))
        if "points" in record:
            ways = curves[section][case].setdefault(metric, defaultdict(list))
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
                yield [case, f"{metric}, {measured.unit}", ours,
                       cell(list(measured.ways[ours].values())),
                       *against(measured, ours, peer), *against(measured, ours, limit)]


def case_table(metrics):
    ways = dict.fromkeys(way for measured in metrics.values() for way in measured.ways)
    table(["way"] + [f"{metric}, {measured.unit}" for metric, measured in metrics.items()],
          [[way] + [cell(list(measured.ways[way].values())) if way in measured.ways else "–"
                    for measured in metrics.values()] for way in ways])


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
    for title, file in compare_plots.draw(section, cases, curves, folder):
        print(f"![{title}]({file})\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    figures, curves = read_records(folder / "records.jsonl")
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        head("Side by side", folder / "run")
        print("What is what: bench/README.md. Raw: [records.jsonl](records.jsonl), "
              "[machine and command](run).\n")
        for section, cases in figures.items():
            section_page(section, cases, curves[section], folder)
    (folder / "index.md").write_text(page.getvalue())
    (folder / "index.html").write_text(
        STYLE.format(title="Side by side")
        + markdown.markdown(page.getvalue(), extensions=["tables"]))


if __name__ == "__main__":
    main()

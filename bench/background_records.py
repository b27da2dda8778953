#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the figures of bench/bin/background_pass as records of growth, a curve for each kind of
pass: background_records.py JSON ROUND >> RECORDS

Its benchmarks are named BM_BackgroundPass_KIND/ITEMS/real_time; it measures milliseconds."""
import json
import sys
from collections import defaultdict


def curves(runs):
    """metric, kind -> points"""
    points = defaultdict(list)
    for run in runs:
        kind, items = run["name"].removeprefix("BM_BackgroundPass_").split("/")[:2]
        for metric, figure in (("time", "real_time"), ("cpu_of_its_thread", "cpu_time")):
            points[metric + "_by_items", kind].append([int(items), run[figure]])
    return points


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        runs = json.load(file)["benchmarks"]
    for (metric, kind), points in curves(runs).items():
        print(json.dumps({"section": "growth", "case": "a pass of background scanning",
                          "way": kind, "metric": metric, "unit": "ms", "points": points,
                          "round": int(sys.argv[2]), "better": "less"}))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the figures of bench/bin/executors as records: executor_records.py JSON ROUND >> RECORDS

Its counters are named EXECUTOR/FIGURE_UNIT, its benchmarks BM_Executors_QUESTION/PLACE."""
import json
import sys

METRICS = {"ns": ("time_per_job", "ns"), "cpu_ns": ("cpu_per_job", "ns"),
           "p50_us": ("p50", "us"), "p99_us": ("p99", "us"), "p99.9_us": ("p99.9", "us")}


def records(run, round_number):
    case = run["name"].removeprefix("BM_Executors_").removesuffix("/real_time")
    for counter, value in run.items():
        way, _, figure = counter.partition("/")
        if figure in METRICS:
            metric, unit = METRICS[figure]
            yield {"section": "executors", "case": case, "way": way, "metric": metric, "unit": unit,
                   "value": value, "round": round_number, "better": "less"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        for run in json.load(file)["benchmarks"]:
            for record in records(run, int(sys.argv[2])):
                print(json.dumps(record))


if __name__ == "__main__":
    main()

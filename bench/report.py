#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of one run of bench/run.sh from its raw JSON: report.py RAW_FOLDER > TABLE.md

Every figure is the median over the rounds; (a-b) behind it is the least and the greatest.
"""
import json
import pathlib
import statistics
import sys
from collections import defaultdict

NOT_COUNTERS = {"name", "family_index", "per_family_instance_index", "run_name", "run_type",
                "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
                "time_unit", "items_per_second"}

CALL = "BM_OneCall_StepByStep/"
CROWD = "BM_Throughput_EngineAgainstBare/"
LATENCY = "BM_OnDemand_LatencyUnderBulk/vendor_us:{}/hogs:{}/real_time"
MAIL = "BM_OnDemand_LatencyUnderBulkOfMail/real_time"

# What is aimed at (issues and performance.md say why): text, program, benchmark, counter, how it is
# to compare, bound.
AIMS = [
    ("opening with a current stamp, CPU", "hot_path", "BM_Open_StampHit/real_time/threads:1",
     "cpu_ns_per_item", "<=", 20),
    ("the same, 8 threads", "hot_path", "BM_Open_StampHit/real_time/threads:8", "cpu_ns_per_item",
     "<=", 20),
    ("promotion alone, ns", "hot_path", "BM_ScanQueue_Promote", "cpu_ns_per_item", "<=", 50),
    ("proxy over bare libclamav with the same options, 16 KiB", "clamav_steps",
     CALL + "small/text 16 KiB", "proxy/same", "<=", 1.01),
    ("proxy over the DLL called directly, 16 KiB", "clamav_steps", CALL + "small/text 16 KiB",
     "proxy/dll", "<=", 1.01),
    ("DLL against libclamav's defaults, small definitions, 16 KiB", "clamav_steps",
     CALL + "small/text 16 KiB", "defaults/dll", ">=", 1.5),
    ("engine against bare, same options, 5 threads, throughput", "clamav_steps",
     CROWD + "small/threads:5/real_time", "engine/same", ">=", 0.98),
    ("the same by CPU", "clamav_steps", CROWD + "small/threads:5/real_time", "engine/same_cpu",
     ">=", 0.98),
    ("engine against libclamav's defaults, 5 threads, CPU", "clamav_steps",
     CROWD + "small/threads:5/real_time", "engine/defaults_cpu", ">=", 1.5),
    ("client's p99 under bulk against idle, no-op vendor", "latency", LATENCY.format(0, 0),
     "p99_ratio", "<=", 1.25),
    ("the same from the call on", "latency", LATENCY.format(0, 0), "p99_ratio_call", "<=", 1.25),
    ("client's p99 under bulk against idle, mail by libclamav", "latency", MAIL, "p99_ratio", "<=",
     1.25),
    ("bulk kept meanwhile, no-op clients", "latency", LATENCY.format(0, 0), "bulk_kept", ">=", 0.9),
]


def read_rounds(folder):
    """program -> benchmark -> counter -> values, one for each round."""
    programs = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for path in sorted(folder.glob("*.json")):
        text = path.read_text()
        if not text:
            continue
        for run in json.loads(text)["benchmarks"]:
            counters = programs[path.name.split(".")[0]][run["name"]]
            for name, value in run.items():
                if name not in NOT_COUNTERS:
                    counters[name].append(value)
    return programs


def figure(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def cell(values):
    if not values:
        return "–"
    median = figure(statistics.median(values))
    low, high = figure(min(values)), figure(max(values))
    return median if low == high else f"{median} ({low}–{high})"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def aim_rows(programs):
    for text, program, benchmark, counter, sign, bound in AIMS:
        values = programs[program][benchmark][counter]
        if not values:
            continue
        value = statistics.median(values)
        met = value <= bound if sign == "<=" else value >= bound
        yield text, f"{sign.replace('<=', '≤').replace('>=', '≥')} {bound}", cell(values), \
            "yes" if met else "**no**"
    yield from large_aim(programs)


def large_aim(programs):
    """The DLL in a tuned process against libclamav's defaults in an untuned one."""
    for kib in ("1 KiB", "16 KiB"):
        name = CALL + "large/text " + kib
        plain = programs["clamav_steps"][name]["bare_defaults_us"]
        tuned = programs["clamav_steps_tuned"][name]["dll_us"]
        if plain and tuned:
            ratios = [a / b for a, b in zip(plain, tuned)]
            met = "yes" if statistics.median(ratios) >= 2 else "**no**"
            yield (f"DLL, allocator tuned, against libclamav's defaults, 305 k signatures, {kib}",
                   "≥ 2", cell(ratios), met)


def call_tables(programs):
    ways = ("bare_defaults", "bare_tmpfs", "bare_no_cache", "bare_no_fuzzy", "bare_matcher",
            "bare_same", "dll", "proxy")
    for program, title in (("clamav_steps", "One call, step by step"),
                           ("clamav_steps_tuned", "One call, allocator tuned")):
        rows = [[name.removeprefix(CALL)] + [cell(counters[way + "_us"]) for way in ways]
                for name, counters in programs[program].items()
                if name.startswith(CALL) and any(counters.values())]
        if rows:
            print(f"## {title}: µs of CPU\n")
            table(("definitions/content",) + ways, rows)


def other_tables(programs):
    for program, prefix, title in (
            ("clamav_steps", CROWD, "Many threads: the mix of mail, µs of CPU per item, items/s"),
            ("clamav_steps_tuned", CROWD, "Many threads, allocator tuned"),
            ("hot_path", "BM_", "The hot path: ns"),
            ("latency", "BM_", "A client's wait: µs")):
        found = {name: counters for name, counters in programs[program].items()
                 if name.startswith(prefix) and any(counters.values())}
        if not found:
            continue
        print(f"## {title}\n")
        columns = list(dict.fromkeys(name for counters in found.values() for name in counters))
        if program == "latency":  # many figures, few benchmarks
            table(["figure"] + [name.removesuffix("/real_time") for name in found],
                  [[column] + [cell(counters[column]) for counters in found.values()]
                   for column in columns])
        else:
            table(["benchmark"] + columns,
                  [[name.removesuffix("/real_time")] + [cell(counters[column]) for column in columns]
                   for name, counters in found.items()])


def main():
    folder = pathlib.Path(sys.argv[1])
    run = dict(line.split("=", 1) for line in (folder / "run").read_text().splitlines())
    programs = read_rounds(folder)
    print("<!-- SPDX-License-Identifier: Apache-2.0 -->")
    print(f"# Benchmarks of {run['date']}\n")
    print(f"{run['machine']}; {run['system']}; {run['compiler']}; libclamav {run['libclamav']}; "
          f"revision {run['revision']}.\nMade by `{run['command'].strip()}`: {run['rounds']} "
          "round(s), medians, least–greatest in brackets.\n")
    if int(run["others"]) > int(run["busy"]):
        print(f"**The machine was busy: others used {run['others']} % of it.** Ratios and CPU times "
              "hold, wall times and percentiles are those of a crowded machine.\n")
    else:
        print(f"Others used {run['others']} % of the machine.\n")
    print("## Aims\n")
    table(("what", "aim", "measured", "met"), aim_rows(programs))
    call_tables(programs)
    other_tables(programs)


if __name__ == "__main__":
    main()

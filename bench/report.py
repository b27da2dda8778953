#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of one run of bench/run.sh from its raw JSON: report.py RAW_FOLDER > TABLE.md

Every figure is the median over the rounds; (a-b) behind it is the least and the greatest.
"""
import json
import pathlib
import re
import statistics
import sys
from collections import defaultdict

from report_page import cell, head, table

NOT_COUNTERS = {"name", "family_index", "per_family_instance_index", "run_name", "run_type",
                "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
                "time_unit", "items_per_second"}

CALL = "BM_OneCall_StepByStep/"
CROWD = "BM_Throughput_EngineAgainstBare/"
LATENCY = "BM_OnDemand_LatencyUnderBulk/vendor_us:{}/hogs:{}/real_time"
MAIL = "BM_OnDemand_LatencyUnderBulkOfMail/real_time"
PIPELINED = "BM_Executors_Pipelined/vendor_us:0/producers:{}/real_time"
ROUND_TRIP = "BM_Executors_RoundTrip/vendor_us:0/real_time"
HIGH_LANE = "BM_Executors_HighLatencyUnderLow/hogs:{}/real_time"
MESSAGE = "BM_Message_WholeAgainstParts/{}/{}/real_time"

# Executors that know priorities; the best of them counts, for each figure another one if need be.
PEERS = ("textbook", "lockfree", "moodycamel", "tbb_queue", "tbb_arena", "asio_prioritised")
BEST = "best_peer"

# What is aimed at: text, program, benchmark, counter ("A : B" is the ratio of two), how it is to
# compare, bound.
AIMS = [
    ("opening with a current stamp, CPU", "hot_path", "BM_Open_StampHit/real_time/threads:1",
     "cpu_ns_per_item", "<=", 20),
    ("the same, 8 threads", "hot_path", "BM_Open_StampHit/real_time/threads:8", "cpu_ns_per_item",
     "<=", 20),
    ("promotion alone, ns", "hot_path", "BM_ScanQueue_Promote", "cpu_ns_per_item", "<=", 50),
    ("proxy over the DLL called directly, 16 KiB, CPU, upper bound of 95 %", "overhead",
     "BM_Overhead_Proxy", "ratio_high", "<=", 1.01),
    ("engine over the DLL called directly, 16 KiB, one by one, the same", "overhead",
     "BM_Overhead_Engine/pipelined:0/real_time", "ratio_high", "<=", 1.02),
    ("the same, asked for together", "overhead", "BM_Overhead_Engine/pipelined:1/real_time",
     "ratio_high", "<=", 1.02),
    ("the same, asked for together, over as many threads of direct calls", "overhead",
     "BM_Overhead_EngineInThreads/real_time", "ratio_high", "<=", 1.02),
    ("worker processes against the host, 16 KiB, throughput", "isolation",
     "BM_Isolation_ThroughputClamav/real_time", "ratio", ">=", 0.95),
    ("worker processes, added to the median client's wait, us", "isolation",
     "BM_Isolation_RoundTripClamav/real_time", "added_us", "<=", 30),
    ("the same of one who comes every millisecond, us", "isolation",
     "BM_Isolation_NowAndThenClamav/real_time", "added_us", "<=", 30),
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
    ("p99 while generations swap against quiet", "hot_path", "BM_Open_ReloadUnderLoad/real_time",
     "p99_ratio", "<=", 1.5),
]
for hogs, crowd in ((0, ""), (2, ", two hogs")):
    for ours in ("our_queue", "our_engine"):
        AIMS += [
            (f"high lane's p99 under low work{crowd}, {ours} against itself idle", "executors",
             HIGH_LANE.format(hogs), f"{ours}/p99_us : {ours}_idle/p99_us", "<=", 3),
            (f"the same{crowd}, textbook against {ours}", "executors", HIGH_LANE.format(hogs),
             f"textbook/p99_us : {ours}/p99_us", ">=", 150),
        ]
for unit, of in (("ns", "time"), ("cpu_ns", "CPU")):
    AIMS += [(f"dispatch, {of}, best peer with priorities against our queue, {producers} "
              "producer(s)", "executors", PIPELINED.format(producers),
              f"{BEST}/{unit} : our_queue/{unit}", ">=", 1) for producers in (1, 2, 4, 8)]
    AIMS += [(f"round trip, {of}, best peer with priorities against our queue", "executors",
              ROUND_TRIP, f"{BEST}/{unit} : our_queue/{unit}", ">=", 1)]
AIMS += [(f"parts by the tuned DLL against the whole by libclamav's defaults, 305 k: {kind}",
          "mail_layers", MESSAGE.format("large", kind), "defaults/tuned_parts", ">=", 2)
         for kind in ("plain", "html", "pdf", "png", "zip", "zip in zip", "office", "everyday")]


def read_rounds(folder):
    """program -> benchmark -> counter -> values, one for each round."""
    programs = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for path in sorted(folder.glob("*.json")):
        text = path.read_text()
        if not text:
            continue
        for run in json.loads(text)["benchmarks"]:
            name = re.sub(r"/min_time:[\d.]+", "", run["name"])
            counters = programs[path.name.split(".")[0]][name]
            for name, value in (run | best_of_peers(run)).items():
                if name not in NOT_COUNTERS:
                    counters[name].append(value)
    return programs


def best_of_peers(run):
    """The least of each figure that the peers have."""
    best = {}
    for name, value in run.items():
        executor, _, figure_name = name.partition("/")
        if executor in PEERS:
            key = f"{BEST}/{figure_name}"
            best[key] = min(value, best.get(key, value))
    return best


def values_of(counters, name):
    over, _, under = name.partition(" : ")
    if not under:
        return counters[name]
    return [a / b for a, b in zip(counters[over], counters[under])]


def aim_rows(programs):
    for text, program, benchmark, counter, operator, bound in AIMS:
        sign = {"<=": "≤", ">=": "≥"}[operator]
        values = values_of(programs[program][benchmark], counter)
        if not values:
            yield text, f"{sign} {bound}", "–", "not measured"
            continue
        value = statistics.median(values)
        met = value <= bound if operator == "<=" else value >= bound
        yield text, f"{sign} {bound}", cell(values), \
            "yes" if met else "**no**"


def call_tables(programs):
    ways = ("bare_defaults", "bare_tmpfs", "bare_no_cache", "bare_no_fuzzy", "bare_matcher",
            "bare_same", "dll", "proxy")
    rows = [[name.removeprefix(CALL)] + [cell(counters[way + "_us"]) for way in ways]
            for name, counters in programs["clamav_steps"].items()
            if name.startswith(CALL) and any(counters.values())]
    if rows:
        print("## One call, step by step: µs of CPU\n")
        table(("definitions/content",) + ways, rows)


def executor_tables(programs):
    """One for each figure: benchmarks by executors."""
    found = {name: counters for name, counters in programs["executors"].items()
             if any(counters.values())}
    names = dict.fromkeys(name for counters in found.values() for name in counters)
    for unit in dict.fromkeys(name.partition("/")[2] for name in names):
        executors = [name.partition("/")[0] for name in names if name.endswith("/" + unit)]
        print(f"## Executors: {unit}\n")
        table(["benchmark"] + executors,
              [[name.removeprefix("BM_Executors_").removesuffix("/real_time")]
               + [cell(counters[f"{executor}/{unit}"]) for executor in executors]
               for name, counters in found.items() if f"{BEST}/{unit}" in counters])


def other_tables(programs):
    for program, prefix, title in (
            ("clamav_steps", CROWD, "Many threads: the mix of mail, µs of CPU per item, items/s"),
            ("mail_layers", "BM_", "Whole messages and their parts: µs of CPU"),
            ("overhead", "BM_", "What is added to one call: ratio, bounds of 95 %"),
            ("isolation", "BM_", "Worker processes beside the vendor in the host"),
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
    programs = read_rounds(folder)
    head("Benchmarks", folder / "run")
    print("## Aims\n")
    table(("what", "aim", "measured", "met"), aim_rows(programs))
    call_tables(programs)
    other_tables(programs)
    executor_tables(programs)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bench/compare_report.py makes of records: compare_report_test.py SOURCE_FOLDER"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1])
RUN = """date=2000-01-01
machine=2 × processor, 4 GiB
system=Debian
compiler=c++
libclamav=1.0
revision=abc
command=bench/compare.sh
rounds=3
others={others}
busy=10
peers=clamav-daemon 1.0; rspamd 2.0
"""


def record(way, value, round_number=1, better="more", metric="speed"):
    return {"section": "s", "case": "c", "way": way, "metric": metric, "unit": "1/s",
            "value": value, "round": round_number, "better": better}


def report(records, others=0):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "run").write_text(RUN.format(others=others))
        (folder / "records.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
        subprocess.run([SOURCE / "bench/compare_report.py", folder], check=True)
        return (folder / "index.md").read_text()


class CompareReport(unittest.TestCase):
    def test_sets_ours_beside_the_best_peer_and_the_limit(self):
        page = report([record("engine", 200), record("slow", 50), record("fast", 100),
                       record("limit_x", 400)])
        self.assertIn("| engine | 200 | fast 100 | **2** | limit_x 400 | **0.5** |", page)

    def test_is_ahead_above_one_where_less_is_better_too(self):
        page = report([record("engine", 5, better="less"), record("a", 10, better="less"),
                       record("b", 20, better="less")])
        self.assertIn("| engine | 5 | a 10 | **2** | – | – |", page)

    def test_takes_ratios_within_a_round_and_their_median_over_rounds(self):
        page = report([record(way, value * busy, at) for at, busy in ((1, 1), (2, 10), (3, 100))
                       for way, value in (("engine", 3), ("peer", 1))])
        self.assertIn("| engine | 30 (3–300) | peer 10 | **3** |", page)

    def test_has_no_ratio_to_nothing(self):
        page = report([record("engine", 0, better="less"), record("peer", 7, better="less")])
        self.assertIn("| engine | 0 | peer 7 | – |", page)

    def test_says_what_was_compared(self):
        self.assertIn("Beside: clamav-daemon 1.0; rspamd 2.0", report([record("engine", 1)]))

    def test_says_when_others_kept_the_machine_busy(self):
        self.assertIn("others used 60 %", report([record("engine", 1)], others=60))
        self.assertNotIn("was busy", report([record("engine", 1)], others=5))

    def test_draws_what_changes_over_time_and_how_it_is_distributed(self):
        curves = [{**record("engine", 0, metric=metric), "points": [[1, 2], [2, 3]]}
                  for metric in ("wait_cdf", "wait_over_time")]
        page = report(curves + [record("engine", 1), record("peer", 2)])
        for plot in ("s-c-wait-cdf.svg", "s-c-wait-over-time.svg", "s-speed.svg"):
            self.assertIn(plot, page)

    def test_shows_how_figures_grow_by_the_medians_of_the_rounds(self):
        page = report([record("engine", 1)] +
                      [{**record("engine", 0, at, metric="speed_by_threads"),
                        "points": [[1, value], [8, 5 * value]]}
                       for at, value in ((1, 10), (2, 20), (3, 90))])
        self.assertIn("| 8 | 100 |", page)
        self.assertIn("s-c-speed-by-threads.svg", page)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""That bench/compare.sh does what it says: compare_test.py SOURCE_FOLDER BUILD_FOLDER

One short run of all sections by what is built. No figure has a bound: they depend on the machine."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = (pathlib.Path(argument) for argument in sys.argv[1:3])

# Whatever else they are, these find each infected item that they are given.
SCANNERS = {"clamd_fildes", "clamd_instream", "clamd_fildes_session", "clamd_instream_session",
            "clamdscan_multiscan", "cyrus_pass", "rspamd_antivirus", "engine", "engine_isolated",
            "limit_libclamav"}


def compare(*arguments):
    return subprocess.run([SOURCE / "bench/compare.sh", *arguments], capture_output=True, text=True)


class Compare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name)
        cls.run_result = compare("--only-try", BUILD, "--out", cls.out)
        records = cls.out / "records.jsonl"
        cls.records = [json.loads(line) for line in records.read_text().splitlines()] \
            if records.exists() else []

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def figures(self, metric):
        return [record for record in self.records if record["metric"] == metric]

    def test_succeeds(self):
        self.assertEqual(self.run_result.returncode, 0, self.run_result.stderr)

    def test_each_section_gives_records_of_ours_and_of_others(self):
        listed = re.search(r"alone, of: (.*)", compare("--help").stdout).group(1).split()
        for section in listed:
            self.assertIn(section, {record["section"] for record in self.records})
        self.assertEqual(SCANNERS, {record["way"] for record in self.records
                                    if record["section"] == "daemons"
                                    and record["case"] == "mail mix, small"})

    def test_no_scanner_misses_what_it_must_find(self):
        missed = self.figures("missed")
        self.assertEqual(SCANNERS, {record["way"] for record in missed
                                    if record["section"] == "daemons"})
        for record in missed:
            if record["way"] in SCANNERS:
                self.assertEqual(record["value"], 0, record)

    def test_ours_leaves_nothing_unscanned_while_definitions_reload(self):
        ours = [record for record in self.figures("unscanned")
                if "reload" in record["case"] and record["way"].startswith("engine")]
        self.assertEqual(len(ours), 2)
        for record in ours:
            self.assertEqual(record["value"], 0, record)

    def test_ours_judges_all_harmless_items_while_others_bring_the_scanner_down(self):
        ours = [record for record in self.figures("harmless_requests_failed")
                if record["way"] == "engine_isolated"]
        self.assertEqual(len(ours), 2)
        for record in ours:
            self.assertEqual(record["value"], 0, record)
        given_up = [record["value"] for record in self.figures("items_given_up")
                    if record["way"] == "engine_isolated"]
        self.assertEqual(given_up, [1, 1])  # the faulty one of each hundred

    def test_growth_has_a_curve_for_each_question(self):
        curves = {record["metric"].rpartition("_by_")[2] for record in self.records
                  if record["section"] == "growth" and "points" in record and record["points"]}
        self.assertEqual({"threads", "items", "mdbs", "clients"}, curves)

    def test_growth_answers_all_who_wait_once(self):
        wrong = {record["way"]: record["value"]
                 for record in self.figures("not_allowed_or_not_once")}
        self.assertEqual(wrong, {"async_each_its_content": 0, "async_all_one_content": 0,
                                 "blocked_threads": 0})

    def test_the_report_shows_each_section_and_its_plots(self):
        for page in ("index.md", "index.html"):
            text = (self.out / page).read_text()
            for section in {record["section"] for record in self.records}:
                self.assertIn(section, text)
            plots = re.findall(r"([\w.-]+\.svg)", text)
            self.assertTrue(plots)
            for plot in plots:
                self.assertIn("</svg>", (self.out / plot).read_text())

    def test_mistakes_are_refused_by_what_they_are(self):
        for arguments, words in ((["--only", "nothing"], "there is no section nothing"),
                                 (["--only"], "--only needs a SECTION"),
                                 (["--rounds", "0"], "--rounds needs a number"),
                                 (["--sideways"], "unknown argument: --sideways")):
            refused = compare(*arguments)
            self.assertEqual(refused.returncode, 1)
            self.assertIn(words, refused.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

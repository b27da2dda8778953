#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tables of what bench/bin/ways has measured: table.py RECORDS [--check]

A figure is the median over the rounds. --check prints nothing and fails where something is not so
that must be so on any machine, however slow it is.
"""
import json
import statistics
import sys
from collections import defaultdict

COLUMNS = [  # title, metric, how it is written
    ("bad mail that clients were given", "exposures", "{:.0f}"),
    ("bad mail left at the end", "bad_left", "{:.0f}"),
    ("vendor calls", "vendor_calls", "{:.0f}"),
    ("per content", "scans_per_content", "{:.2f}"),
    ("most for one clean content, same definitions", "most_scans_of_one", "{:.0f}"),
    ("vendor MB", "vendor_bytes", "{:.1f}"),
    ("open p50 ms", "open_p50", "{:.1f}"),
    ("p99", "open_p99", "{:.0f}"),
    ("p99.9", "open_p99.9", "{:.0f}"),
    ("new definitions protect after, s", "protected_after", "{:.3f}"),
    ("everything scanned by them after, s", "rescanned_after", "{:.2f}"),
    ("CPU s", "cpu", "{:.1f}"),
    ("faults of the store", "store_faults", "{:.0f}"),
]
SCALE = {"vendor_bytes": 1e-6}
VSAPI = ("vsapi_2_0", "vsapi_2_5", "vsapi_2_5_transport", "vsapi_2_5_double")
STORE = "store"
LARGE, SMALL = "known attachments over a page", "known attachments in a page"


class Figures:
    """Medians over the rounds, by case, way and metric."""

    def __init__(self, lines):
        values = defaultdict(list)
        for line in lines:
            record = json.loads(line)
            if record["section"] == "ways":
                values[record["case"], record["way"], record["metric"]].append(record["value"])
        self.of = {key: statistics.median(several) for key, several in values.items()}
        self.ways = list(dict.fromkeys(way for _, way, _ in self.of))
        self.cases = list(dict.fromkeys((case, way) for case, way, _ in self.of))

    def __call__(self, way, metric, case=STORE):
        return self.of[case, way, metric]

    def text(self, way, metric, form):
        value = self.of.get((STORE, way, metric))
        if value is None:
            return "never" if metric.endswith("_after") else "–"
        return form.format(value * SCALE.get(metric, 1))

    def all_of(self, case, way):
        """Of a case, what has no column."""
        shown = {metric for _, metric, _ in COLUMNS}
        return ", ".join(f"{metric.replace('_', ' ')} {value:.0f}"
                         for (c, w, metric), value in self.of.items()
                         if (c, w) == (case, way) and metric not in shown)


def claims(figures):
    """What is said, by whom, what was seen, and whether it holds."""
    f = figures
    none, shim = "none", "ese_shim"
    yield ("AVAPI 1.0 looks at attachments only; bodies since 2.0", "KB263949, KB328841",
           f"bodies let out unscanned: {f('avapi_1_0', 'released_unscanned'):.0f} by 1.0, "
           f"{f('vsapi_2_0', 'released_unscanned'):.0f} by 2.0; bad mail given out: "
           f"{f('avapi_1_0', 'exposures'):.0f} and {f('vsapi_2_0', 'exposures'):.0f}",
           f("avapi_1_0", "released_unscanned") > 0 == f("vsapi_2_0", "released_unscanned"))
    yield ("The store scans before any client has it, also by definitions that come later",
           "KB263949, KB328841",
           f"bad mail given out by 2.0 and 2.5: {f('vsapi_2_0', 'exposures'):.0f} and "
           f"{f('vsapi_2_5', 'exposures'):.0f}, of {f(none, 'exposures'):.0f} unprotected",
           f("vsapi_2_0", "exposures") + f("vsapi_2_5", "exposures") == 0)
    yield ("What is stored once is scanned once, however many mailboxes have it",
           "GroupShield 7.0, GFI",
           f"most scans of one clean content by the same definitions: "
           f"{f('vsapi_2_5', 'most_scans_of_one'):.0f}",
           f("vsapi_2_5", "most_scans_of_one") == 1)
    yield ("A MAPI scanner scans each mailbox's copy", "KB328841",
           f"scans per content: {f('mapi', 'scans_per_content'):.1f} against "
           f"{f('vsapi_2_5', 'scans_per_content'):.1f}; the most for one: "
           f"{f('mapi', 'most_scans_of_one'):.0f}",
           f("mapi", "scans_per_content") > f("vsapi_2_5", "scans_per_content"))
    yield ("With a MAPI scanner a client may be first", "KB328841",
           f"bad mail given out: {f('mapi', 'exposures'):.0f}", f("mapi", "exposures") > 0)
    yield ("Clients that are woken wait less than those that ask again", "KB328841, KB263949",
           f"open p99: {f('vsapi_2_0', 'open_p99'):.0f} ms by 2.0, "
           f"{f('avapi_1_0', 'open_p99'):.0f} ms by 1.0 with OpenRetryDelay 500",
           f("vsapi_2_0", "open_p99") < f("avapi_1_0", "open_p99"))
    yield ("A definition update makes the whole store stale", "Symantec 177106",
           f"scans per content: {f('vsapi_2_5', 'scans_per_content'):.2f} with one update amid the "
           f"day; all done {f('vsapi_2_5', 'rescanned_after'):.2f} s after it",
           f("vsapi_2_5", "scans_per_content") > 1)
    yield ("While everything is scanned by new definitions clients are refused", "Symantec 177106",
           f"refused by 2.0 and 2.5 in the whole day: {f('vsapi_2_0', 'refused'):.0f} and "
           f"{f('vsapi_2_5', 'refused'):.0f}: a client waits for what it opens, and that goes first",
           f("vsapi_2_0", "refused") + f("vsapi_2_5", "refused") > 0)
    yield ("Transport and store scanning together scan everything twice", "ExBPA rules for Symantec and Trend",
           f"vendor calls: {f('vsapi_2_5_double', 'vendor_calls'):.0f} against "
           f"{f('vsapi_2_5', 'vendor_calls'):.0f}; CPU {f('vsapi_2_5_double', 'cpu'):.1f} s "
           f"against {f('vsapi_2_5', 'cpu'):.1f} s",
           f("vsapi_2_5_double", "vendor_calls") > f("vsapi_2_5", "vendor_calls"))
    yield ("A stamp that transport hands over spares the store its scan", "TechNet aa996551, KB2632206",
           f"vendor calls: {f('vsapi_2_5_transport', 'vendor_calls'):.0f} with, "
           f"{f('vsapi_2_5_double', 'vendor_calls'):.0f} without; more than the store's own "
           f"{f('vsapi_2_5', 'vendor_calls'):.0f}, as transport scans the message as a whole too",
           f("vsapi_2_5_transport", "vendor_calls") < f("vsapi_2_5_double", "vendor_calls"))
    away = f("file_level", "messages_out_of_reach", "database quarantined")
    yield ("File-level scanners lock or quarantine the store's files", "KB328841",
           f"of {f('file_level', 'messages_before', 'database quarantined'):.0f} messages out of "
           f"reach: {away:.0f} when the database is put into quarantine, "
           f"{f('file_level', 'messages_out_of_reach', 'database locked'):.0f} while it is locked, "
           f"{f('file_level', 'messages_out_of_reach', 'log deleted'):.0f} when the log is deleted",
           away == f("file_level", "messages_before", "database quarantined"))
    yield ("A fault of a layer in the store's process looks like the store's", "KB263949",
           f"{f(shim, 'store_faults'):.0f} actions failed with the store's words for a bad disk",
           f(shim, "store_faults") > 0)


def print_table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_all(figures):
    print_table(["way"] + [title for title, _, _ in COLUMNS],
                [[way] + [figures.text(way, metric, form) for _, metric, form in COLUMNS]
                 for way in figures.ways])
    print_table(["way", "what was looked at", "what else was seen"],
                [[way, case, figures.all_of(case, way)] for case, way in figures.cases])
    print_table(["claim", "source", "seen", "holds"],
                [[what, source, seen, "yes" if holds else "**no**"]
                 for what, source, seen, holds in claims(figures)])


def broken(figures):
    """What does not hold and must, without any time in it."""
    f = figures

    def must(what, holds):
        return [] if holds else [what]

    yield from must("an unprotected store gives out what is bad", f("none", "exposures") > 0)
    for way in VSAPI:
        yield from must(f"{way} gives out nothing that its definitions know",
                        f(way, "exposures") == 0 and f(way, "bad_left") == 0)
        yield from must(f"{way} lets nothing out unscanned", f(way, "released_unscanned") == 0)
        yield from must(f"{way} breaks nothing", f(way, "store_faults") + f(way, "lost") == 0)
    for way in ("vsapi_2_0", "vsapi_2_5"):
        yield from must(f"{way} scans a content once by the same definitions",
                        f(way, "most_scans_of_one") == 1 or f(way, "second_scans") > 0)
    yield from must("double scanning costs more calls than a stamp that is handed over",
                    f("vsapi_2_5_double", "vendor_calls") > f("vsapi_2_5_transport", "vendor_calls"))
    yield from must("AVAPI 1.0 lets bodies out unscanned", f("avapi_1_0", "released_unscanned") > 0)
    yield from must("a MAPI scanner scans the same content for each mailbox",
                    f("mapi", "scans_per_content") > f("vsapi_2_5", "scans_per_content") and
                    f("mapi", "most_scans_of_one") > 1)
    # libclamav knows SQLite's files and leaves them out. One that did not would flag the file that
    # all messages are in, and still miss what is on several pages.
    yield from must("a file-level scanner stops nothing",
                    f("file_level", "bad_left") > 0 and f("file_level", "files_flagged") == 0)
    yield from must("a file-level scanner names a database, no message",
                    f("file_level", "files_flagged_as_data") > 0)
    for way in ("file_level", "ese_shim"):
        yield from must(f"{way} sees nothing that is on several pages", f(way, "seen", LARGE) == 0)
    yield from must("the same mail is known as mail",
                    f("file_level", "seen_as_mail", LARGE) == f("file_level", "bad_mails", LARGE))
    yield from must("the shim sees what is on one page",
                    f("ese_shim", "seen", SMALL) == f("ese_shim", "bad_mails", SMALL))
    for harm in ("database quarantined", "database locked"):
        yield from must(f"{harm}: nothing can be read",
                        f("file_level", "messages_out_of_reach", harm) ==
                        f("file_level", "messages_before", harm) > 0)
    yield from must("what the shim refuses fails in the store", f("ese_shim", "store_faults") > 0)
    yield from must("a failing shim loses nothing that was acknowledged",
                    f("ese_shim", "messages_out_of_reach", "shim fails now and then") == 0)
    yield from must("a cleaned page is lost, and what follows it by a crash",
                    f("ese_shim", "out_of_reach_after_a_crash", "shim cleans a page") >
                    f("ese_shim", "messages_out_of_reach", "shim cleans a page") > 0)
    late = "definitions know what is in the log"
    yield from must("what is known too late keeps the log from the database",
                    f("ese_shim", "checkpoints_refused", late) == 1)


def main():
    arguments = [each for each in sys.argv[1:] if each != "--check"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as lines:
        figures = Figures(lines)
    if "--check" not in sys.argv:
        print_all(figures)
        return
    wrong = list(broken(figures))
    for what in wrong:
        print(f"does not hold: {what}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()

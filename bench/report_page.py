# SPDX-License-Identifier: Apache-2.0
"""What the reports of run.sh and compare.sh have in common: the head of the page, figures, tables,
as Markdown on the standard output."""
import statistics


def head(title, run_file):
    """What was measured where; `run_file` has the lines of describe_machine. Returns them."""
    run = dict(line.split("=", 1) for line in run_file.read_text().splitlines())
    print("<!-- SPDX-License-Identifier: Apache-2.0 -->")
    print(f"# {title} of {run['date']}\n")
    print(f"{run['machine']}; {run['system']}; {run['compiler']}; libclamav {run['libclamav']}; "
          f"revision {run['revision']}.\nMade by `{run['command'].strip()}`: {run['rounds']} "
          "round(s), medians, least–greatest in brackets.\n")
    if int(run["others"]) > int(run["busy"]):
        print(f"**The machine was busy: others used {run['others']} % of it.** Ratios and CPU times "
              "hold, wall times and percentiles are those of a crowded machine.\n")
    else:
        print(f"Others used {run['others']} % of the machine.\n")
    return run


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


def table(columns, rows):
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()

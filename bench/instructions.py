#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of the paths that must not get longer, and compares with their bounds.

    instructions.py PROGRAM            exit status 1 if a count is over its bound
    instructions.py PROGRAM --record   writes what it counts to instructions.txt
"""
import pathlib
import re
import subprocess
import sys
import tempfile

BOUNDS = pathlib.Path(__file__).with_name("instructions.txt")
HEAD = """# SPDX-License-Identifier: Apache-2.0
# Instructions of one pass of each path in the release preset, by gcc 12 on x86-64: PATH COUNT.
# Written by `bench/instructions.py build/release/bench/bin/instructions --record`.
"""
# A count varies a little with the addresses that hash tables and allocations get.
GROWTH_ALLOWED = 0.05
# The others are of the asking thread alone.
BY_ALL_THREADS = {"engine_scan"}

ADVICE = """
More instructions than bench/instructions.txt says. Is the change worth them?
  no:  find what grew:  callgrind_annotate on the dumps of
         valgrind --tool=callgrind {program}
       (one dump for each path, named in its "desc: Trigger" line)
  yes: record the new counts, and say why in the commit:
         bench/instructions.py {program} --record"""


def dumps(program, *options):
    """path -> instructions of one pass, by one run of the program"""
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["valgrind", "--tool=callgrind", "--fair-sched=yes", "--quiet", *options,
                        f"--callgrind-out-file={folder}/dump", program], check=True)
        for dump in pathlib.Path(folder).iterdir():
            text = dump.read_text()
            trigger = re.search(r"^desc: Trigger: Client Request: (\w+)/(\d+)$", text, re.M)
            if trigger:
                total = int(re.search(r"^totals: (\d+)$", text, re.M)[1])
                counts[trigger[1]] = round(total / int(trigger[2]))
    return counts


def count(program):
    counts = dumps(program, "--separate-threads=yes")  # of the thread that asks
    everybody = dumps(program)
    return counts | {path: everybody[path] for path in BY_ALL_THREADS}


def read_bounds():
    lines = (line.split("#")[0].split() for line in BOUNDS.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if words}


def record(program):
    """The most of some runs, so that chance alone does not go over a bound."""
    runs = [count(program) for _ in range(5)]
    counts = {path: max(run[path] for run in runs) for path in runs[0]}
    BOUNDS.write_text(HEAD + "".join(f"{path} {counts[path]}\n" for path in sorted(counts)))
    print(f"Written: {BOUNDS}")


def compare(counts):
    """Prints all; true if each is within its bound."""
    bounds = read_bounds()
    if counts.keys() != bounds.keys():
        print(f"counted {sorted(counts)}, but there are bounds for {sorted(bounds)}: record anew")
        return False
    within = True
    for path in sorted(counts):
        growth = counts[path] / bounds[path] - 1
        over = growth > GROWTH_ALLOWED
        within = within and not over
        print(f"{path:24}{counts[path]:8}  bound {bounds[path]:8}  {growth:+7.1%}"
              + ("  TOO MANY" if over else ""))
    return within


def main():
    program, records = sys.argv[1], sys.argv[2:] == ["--record"]
    if records:
        record(program)
    elif not compare(count(program)):
        sys.exit(ADVICE.format(program=program))


if __name__ == "__main__":
    main()

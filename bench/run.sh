#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the release preset, runs all benchmarks in turn, again and again, and writes what they
# showed to bench/results/MACHINE.md. Says so when others keep the machine busy.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../samples/setup.sh"
# shellcheck source=bench/machine.sh
source "$vsapi_root/bench/machine.sh"

readonly kPrograms=(clamav_steps mail_layers overhead isolation hot_path latency executors)

usage() {
  cat <<END
Usage: bench/run.sh [--short] [--filter REGEX] [--rounds N] [--output FILE]

Installs the packages of samples/packages.txt that are missing, builds build/release, and runs the
benchmarks, 5 rounds of all of them. The table goes to bench/results/MACHINE.md, the raw JSON to
build/release/bench/raw/.

  --short         one quick round, about three minutes; written to build/release/bench/short.md
  --filter REGEX  only benchmarks whose names match; written to build/release/bench/filtered.md
  --rounds N      so many rounds
  --output FILE   writes the table there
  --only-try DIR  runs what is built in DIR as briefly as can be, to see that it works

Environment: VSAPI_BENCH_DISK is a folder on a disk for libclamav's default temp files (/var/tmp).
END
}

# run_program NAME OUT: one round of one program.
run_program() {
  local name=$1 out=$2
  "$bin/$name" --benchmark_filter="$filter" --benchmark_min_time="$min_time" \
    --benchmark_out="$raw/$out.json" --benchmark_out_format=json >"$raw/$out.log" 2>&1 || {
    # A filter that fits nothing of this program is no failure.
    grep --quiet 'Failed to match any benchmarks' "$raw/$out.log" && return 0
    cat "$raw/$out.log" >&2
    vsapi_die "$name failed"
  }
  grep --quiet 'ERROR OCCURRED' "$raw/$out.log" || return 0
  grep 'ERROR OCCURRED' "$raw/$out.log" >&2
  vsapi_die "a benchmark of $name failed"
}

# Made for each size anew; the small one shows that it works, more is run by hand.
try_background_pass() { filter='/10000/' run_program background_pass background_pass.1; }

run_rounds() {
  local round program
  for ((round = 1; round <= rounds; ++round)); do
    vsapi_say "Round $round of $rounds"
    for program in "${kPrograms[@]}"; do run_program "$program" "$program.$round"; done
    if [[ $tries == yes ]]; then try_background_pass; fi
  done
}

main() {
  local bin=$vsapi_root/build/release/bench/bin raw=$vsapi_root/build/release/bench/raw
  local filter=. min_time=1 rounds=5 tries=no others=0 output='' arguments="$*"
  while [[ $# -gt 0 ]]; do
    case $1 in
      --short) min_time=0.05 rounds=1 output=${output:-$vsapi_root/build/release/bench/short.md} ;;
      --filter) filter=${2:?--filter needs a REGEX} output=${output:-$vsapi_root/build/release/bench/filtered.md}; shift ;;
      --rounds) rounds=${2:?--rounds needs a number}; shift ;;
      --output) output=${2:?--output needs a FILE}; shift ;;
      --only-try) tries=yes min_time=0.001 rounds=1 bin=${2:?--only-try needs a DIR}/bench/bin raw=$2/bench/tried output=$raw/report.md; shift ;;
      -h | --help) usage; exit 0 ;;
      *) usage >&2; exit 1 ;;
    esac
    shift
  done
  if [[ $tries == yes ]]; then
    # The largest definitions take most of the time and no other code.
    filter='small|Open|ScanQueue|BM_Engine|Submitted|Overhead|OnDemand|RoundTrip|Under.*hogs:0'
  else
    vsapi_install_packages
    vsapi_build release "${kPrograms[@]/#/bench_}"
  fi
  rm -rf "$raw"
  mkdir -p "$raw" "$vsapi_root/bench/results"
  measure_others run_rounds
  describe_machine "bench/run.sh $arguments" >"$raw/run"
  python3 "$vsapi_root/bench/report.py" "$raw" >"${output:=$vsapi_root/bench/results/$(machine_kind).md}"
  vsapi_say "Written: $output"
}

main "$@"

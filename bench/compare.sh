#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures the engine beside what else could be had, on the same mail in one run, and makes a report
# of it. A section is a program that appends records to a file, one JSON object a line; this script
# knows only where they are and that they take turns, round after round. Their form: bench/records.h.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../samples/setup.sh"
# shellcheck source=bench/machine.sh
source "$vsapi_root/bench/machine.sh"

# Each is a program bench/bin/NAME that takes --records FILE --round N [--short].
readonly kSections=(limits daemons ways executors growth)
# The section's process group, while there is one; read when the script ends.
running=

usage() {
  cat <<END
Usage: bench/compare.sh [--short] [--only SECTION...] [--rounds N] [--out FOLDER]

Installs the packages of samples/packages.txt that are missing, those to compare with among them,
builds build/release, measures, and writes to FOLDER, bench/results/compare-MACHINE unless given:

  index.md index.html  the report, with its plots beside it
  records.jsonl        what it was made of, one record a line
  run                  machine, versions, command

  --short            all sections in two minutes, to see that they work; to build/release/bench/compared
  --only SECTION...  these sections alone, of: ${kSections[*]}
  --rounds N         so many rounds of all sections; 5, and 1 with --short
  --out FOLDER       writes there; what an earlier run has left in it goes
  --only-try DIR     as --short, by what is already built in DIR

Environment: VSAPI_BENCH_DISK is a folder on a disk for libclamav's default temp files (/var/tmp).
END
}

# The figures of Google Benchmark, as records.
section_executors() {
  local json=$out/executors.$round.json
  local -a how=(--benchmark_min_time=1)
  [[ -z $short ]] || how=(--benchmark_min_time=0.001
    '--benchmark_filter=Pipelined/vendor_us:(0|20)/producers:(1|8)/|RoundTrip/vendor_us:0/|Under.*hogs:0')
  "$bin/executors" "${how[@]}" --benchmark_out="$json" --benchmark_out_format=json >/dev/null
  "$vsapi_root/bench/executor_records.py" "$json" "$round" >>"$out/records.jsonl"
  rm "$json"
}

# Of an MDB's growth background_pass has the figures.
section_growth() {
  local json=$out/background_pass.$round.json
  local -a how=(--benchmark_min_time=0.3)
  [[ -z $short ]] || how=(--benchmark_min_time=0.001 --benchmark_filter=/10000/)
  section_of_program growth
  "$bin/background_pass" "${how[@]}" --benchmark_out="$json" --benchmark_out_format=json >/dev/null
  "$vsapi_root/bench/background_records.py" "$json" "$round" >>"$out/records.jsonl"
  rm "$json"
}

section_of_program() { "$bin/$1" --records "$out/records.jsonl" --round "$round" ${short:+"$short"}; }

# In the background, so that a signal to this script is not kept waiting for its end; and as a
# process group, so that it can be ended with all that it has started.
run_section() {
  local section=$1 run=section_$1 began=$SECONDS
  declare -F "$run" >/dev/null || run="section_of_program $1"
  set -m
  $run >"$out/$section.log" 2>&1 &
  running=$!
  set +m
  wait "$running" || {
    cat "$out/$section.log" >&2
    vsapi_die "the section $section failed"
  }
  running=
  vsapi_say "$section: $((SECONDS - began)) s"
}

run_rounds() {
  local round section
  for ((round = 1; round <= rounds; ++round)); do
    vsapi_say "Round $round of $rounds"
    for section in "${sections[@]}"; do run_section "$section"; done
  done
}

# Takes the section names that follow from "$@"; `taken` is how many they were.
take_sections() {
  sections=() taken=0
  for name in "$@"; do
    [[ $name != -* ]] || break
    [[ " ${kSections[*]} " == *" $name "* ]] ||
      vsapi_die "there is no section $name." "Sections: ${kSections[*]}"
    sections+=("$name") taken=$((taken + 1))
  done
  [[ $taken -gt 0 ]] || vsapi_die "--only needs a SECTION: ${kSections[*]}"
}

# The kernel ends a daemon with the program that started it.
clean_up() {
  [[ -z $running ]] || kill -- "-$running" 2>/dev/null || true
  wait
  rm -rf "$VSAPI_BENCH_MEMORY"
}

# Temp files in a folder that goes with this script, whatever becomes of the programs.
make_memory_folder() {
  VSAPI_BENCH_MEMORY=$(mktemp --directory /dev/shm/vsapi-compare-XXXXXX)
  export VSAPI_BENCH_MEMORY
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  chmod a+x "$VSAPI_BENCH_MEMORY"  # worker processes run as another user, and read definitions there
}

# The versions of what ours is compared with.
describe_peers() {
  # shellcheck disable=SC2016  # dpkg-query's variables
  printf 'peers=%s\n' "$(dpkg-query --show --showformat='${Package} ${Version}; ' \
    clamav-daemon clamdscan rspamd libboost-dev libtbb-dev libconcurrentqueue-dev)"
}

make_output_folder() {
  mkdir -p "$out"
  rm -f "$out"/{records.jsonl,run,index.md,index.html} "$out"/*.{svg,log}
}

need_value() { [[ $2 -ge 2 ]] || vsapi_die "$1 needs a value" "See bench/compare.sh --help"; }

main() {
  local build=$vsapi_root/build/release short='' rounds='' out='' tries=no others=0 arguments="$*"
  local taken name
  local -a sections=("${kSections[@]}")
  while [[ $# -gt 0 ]]; do
    case $1 in
      --short) short=--short ;;
      --only) shift; take_sections "$@"; shift "$taken"; continue ;;
      --rounds) need_value "$1" $#; rounds=$2; shift ;;
      --out) need_value "$1" $#; out=$2; shift ;;
      --only-try) need_value "$1" $#; tries=yes short=--short build=$2; shift ;;
      -h | --help) usage; exit 0 ;;
      *) usage >&2; vsapi_die "unknown argument: $1" ;;
    esac
    shift
  done
  [[ -n $rounds ]] || rounds=$([[ -n $short ]] && echo 1 || echo 5)
  [[ $rounds =~ ^[1-9][0-9]*$ ]] || vsapi_die "--rounds needs a number from 1 on, not $rounds"
  if [[ $tries == no ]]; then
    vsapi_install_packages release
    vsapi_build release "${sections[@]/#/bench_}"
  fi
  if [[ -z $out ]]; then
    out=$([[ -n $short ]] && echo "$build/bench/compared" || echo "$vsapi_root/bench/results/compare-$(machine_kind)")
  fi
  local bin=$build/bench/bin
  make_output_folder
  make_memory_folder
  measure_others run_rounds
  { describe_machine "bench/compare.sh $arguments" && describe_peers; } >"$out/run"
  "$vsapi_root/bench/compare_report.py" "$out"
  vsapi_say "Written: $out/index.html"
}

main "$@"

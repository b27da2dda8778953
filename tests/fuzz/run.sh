#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds the fuzz targets with clang, and runs them, two at a time on two
# processors. What they find is left in build/fuzz/found.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../samples/setup.sh"

readonly kFolder=$vsapi_root/tests/fuzz
readonly kFound=$vsapi_root/build/fuzz/found
readonly kTargets=$(cd "$kFolder" && echo *_fuzz.cc | sed 's/_fuzz\.cc//g')

usage() {
  cat <<END
Usage: tests/fuzz/run.sh [SECONDS [TARGET...]]

Runs each TARGET so long (60). TARGETs, by default all: $kTargets

What a run learns stays in build/fuzz/corpus and is where the next one begins. A crash is left in
build/fuzz/found/TARGET-...: mend it, and copy the file to tests/fuzz/corpus/TARGET.

Exit status: 0 if nothing was found, 1 if something was, 2 if the targets did not build.
END
}

# run_one SECONDS TARGET: prints the last line of what libFuzzer says.
run_one() {
  local seconds=$1 target=$2 log=$kFound/$2.log status=0
  mkdir -p "$vsapi_root/build/fuzz/corpus/$target"
  ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    setarch "$(uname -m)" --addr-no-randomize "$vsapi_root/build/fuzz/tests/bin/fuzz_$target" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=4096 -dict="$kFolder/dictionaries/$target.dict" -artifact_prefix="$kFound/$target-" \
    "$vsapi_root/build/fuzz/corpus/$target" "$kFolder/corpus/$target" >"$log" 2>&1 || status=1
  printf '%s: %s\n' "$target" "$(tail -n 1 "$log")"
  [[ $status -eq 0 ]] || tail -n 60 "$log"
  return "$status"
}
export -f run_one
export vsapi_root kFolder kFound

main() {
  case ${1:-} in
    -h | --help) usage; exit 0 ;;
  esac
  local seconds=${1:-60}
  shift || true
  [[ $# -gt 0 ]] || read -ra targets <<<"$kTargets"
  [[ $# -eq 0 ]] || targets=("$@")
  vsapi_install_packages fuzz
  vsapi_say "Building the fuzz targets"
  vsapi_build fuzz fuzzers || { printf 'error: the fuzz targets did not build\n' >&2; exit 2; }
  mkdir -p "$kFound"
  vsapi_say "Fuzzing, $seconds s each"
  printf '%s\n' "${targets[@]}" |
    xargs --max-procs="$(nproc)" -I{} bash -c 'run_one "$1" "$2"' _ "$seconds" {} || exit 1
}

main "$@"

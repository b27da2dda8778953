#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds, and runs the tests: plain, under the sanitizers, and fuzzing. Goes
# on to the next stage after a failure and fails at the end.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../samples/setup.sh"

readonly kDefaultPresets=(release asan-ubsan tsan)
# gcc 12's sanitizers map their shadow where a more random layout may have put something already.
readonly kSanitizerMaxRandomBits=28

usage() {
  cat <<END
Usage: tests/run.sh [PRESET...]

Installs the packages of samples/packages.txt that are missing, builds each PRESET into build/PRESET
and runs its tests. PRESETs are those of CMakePresets.json; without one: ${kDefaultPresets[*]},
and then the fuzz targets (tests/fuzz/run.sh).

Environment:
  CTEST_ARGS          further arguments for ctest, as in CTEST_ARGS='-R ScanQueue'
  VSAPI_FUZZ_SECONDS  for each fuzz target, 60 by default; 0: none is built

Exit status: 0 if every preset built and every test passed, 1 if not.
END
}

# suppressions_option FILE: prints the option that makes a sanitizer read FILE, if there is one.
suppressions_option() {
  if [[ -e $vsapi_root/tests/$1 ]]; then
    printf ':suppressions="%s"' "$vsapi_root/tests/$1"
  fi
}

export_sanitizer_options() {
  ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1"
  LSAN_OPTIONS="print_suppressions=0$(suppressions_option lsan.supp)"
  UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
  TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1$(suppressions_option tsan.supp)"
  # GLib's slices go from thread to thread by locks that ThreadSanitizer cannot see.
  G_SLICE=always-malloc
  export ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS G_SLICE
}

# Starts this script again with a plain address space, if the kernel's is too random. What it starts,
# the build's test discovery too, inherits that.
tame_address_space() {
  local random_bits=0
  read -r random_bits 2>/dev/null </proc/sys/vm/mmap_rnd_bits || true
  [[ $random_bits -gt $kSanitizerMaxRandomBits && -z ${VSAPI_TAMED:-} ]] || return 0
  local -a tamed=(setarch "$(uname -m)" --addr-no-randomize)
  "${tamed[@]}" true || vsapi_die \
    "gcc's sanitizers need a less random address space than this kernel gives, and setarch may not change it." \
    "Ask the administrator for: sysctl vm.mmap_rnd_bits=$kSanitizerMaxRandomBits"
  VSAPI_TAMED=1 exec "${tamed[@]}" "${BASH_SOURCE[0]}" "$@"
}

run_ctest() {
  local -a more=()
  read -ra more <<<"${CTEST_ARGS:-}"
  ctest --test-dir "$vsapi_root/build/$1" -j2 --output-on-failure --no-tests=error \
    --timeout 300 "${more[@]}"
}

# run_preset PRESET: adds its line to `summary`: ctest's own closing line, the preset, the seconds;
# and after it the tests that failed, and those that skipped themselves.
run_preset() {
  local preset=$1 log=$vsapi_root/build/$1/tests.log began=$SECONDS status=0 closing
  vsapi_say "Building $preset"
  if ! vsapi_build "$preset"; then
    summary+=("$preset: did not build ($((SECONDS - began)) s)")
    return 1
  fi
  local built=$SECONDS
  vsapi_say "Testing $preset"
  run_ctest "$preset" 2>&1 | tee "$log" || status=1
  closing=$(grep --only-matching '[0-9]*% tests passed, .*' "$log" || echo "no tests were run")
  summary+=("$closing: $preset, $((SECONDS - built)) s (built in $((built - began)) s)")
  mapfile -t -O "${#summary[@]}" summary < <(
    sed -n '/^The following tests \(FAILED\|did not run\):/,/^$/p' "$log" | grep ' - ')
  return "$status"
}

run_fuzzers() {
  local began=$SECONDS status=0 said
  "$vsapi_root/tests/fuzz/run.sh" "$1" || status=$?
  case $status in
    0) said="nothing found" ;;
    2) said="did not build" ;;
    *) said="see above" ;;
  esac
  summary+=("fuzzing, $1 s for each target: $said ($((SECONDS - began)) s)")
  return "$status"
}

main() {
  local fuzz_seconds=0
  case ${1:-} in
    -h | --help) usage; exit 0 ;;
    -*) usage >&2; exit 1 ;;
  esac
  tame_address_space "$@"
  if [[ $# -eq 0 ]]; then
    fuzz_seconds=${VSAPI_FUZZ_SECONDS:-60}
    set -- "${kDefaultPresets[@]}"
  fi
  vsapi_install_packages "$@"
  export_sanitizer_options
  local preset status=0
  local -a summary=()
  for preset in "$@"; do
    run_preset "$preset" || status=1
  done
  [[ $fuzz_seconds -eq 0 ]] || run_fuzzers "$fuzz_seconds" || status=1
  vsapi_say "Summary"
  printf '%s\n' "${summary[@]}"
  exit "$status"
}

main "$@"

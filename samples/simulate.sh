#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An office day of a mail store in a minute, with all that may go wrong in it: new definitions twice,
# which find what had been clean, and a host that is killed while it scans the store by the first of
# them, and begun again. The same day without background scanning stands beside it.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

readonly kProfile=$vsapi_root/samples/store_sim/profiles/office_day.ini
readonly kKilledAt=21  # seconds; the first definitions come after 20

usage() {
  cat <<END
Usage: samples/simulate.sh [--keep]

Installs the packages of samples/packages.txt that are missing, builds into build/release, and
simulates the profile office_day twice, with background scanning and without, three minutes in all.
Each time the host is killed (kill -9) after $kKilledAt seconds and begun again. Then checks that
nothing bad reached a client, nothing was lost, the store is sound, and everything is scanned by the
last definitions, and prints how long clients waited.

  --keep  leave the stores, results and plots where they were made

Exit status: 0 if everything was as expected, 1 if not.
END
}

# seconds_reached LEDGER: how far the simulation is, in whole seconds; nothing before the first.
seconds_reached() {
  [[ ! -f $1 ]] || sed -n 's/.*"second":\([0-9]*\).*/\1/p' "$1" | tail -n 1
}

# A host that ends before it is killed has failed, and its words are shown.
kill_when_due() {
  local process=$1 ledger=$2 log=$3 reached
  while kill -0 "$process" 2>/dev/null; do
    reached=$(seconds_reached "$ledger")
    [[ ${reached:-0} -lt $kKilledAt ]] || break
    sleep 0.1
  done
  kill -KILL "$process" 2>/dev/null || { cat "$log" >&2 && vsapi_die "the simulation ended too soon."; }
  wait "$process" 2>/dev/null || true
}

# day NAME BACKGROUND: the whole day; its results are in $work/NAME.
day() {
  local name=$1 background=$2 process
  local store=$work/$name/store
  mkdir -p "$work/$name"
  "$store_sim" init "$store" --mdb mdb1 --mdb mdb2 >/dev/null
  "$store_sim" settings "$store" set BackgroundScanning "$background" >/dev/null
  local -a simulate=("$store_sim" simulate "$store" --profile "$kProfile" --out "$work/$name/out"
    --definitions "$work/$name/definitions")
  vsapi_say "BackgroundScanning=$background: until it is killed"
  "${simulate[@]}" >"$work/$name/log" 2>&1 &
  process=$!
  kill_when_due "$process" "$work/$name/out/ledger.jsonl" "$work/$name/log"
  vsapi_say "BackgroundScanning=$background: from there to the end of the day"
  "${simulate[@]}" >"$work/$name/results" || vsapi_die "the simulation ended with $?:" "$(<"$work/$name/results")"
  cat "$work/$name/results"
  "$store_sim" check "$store" || vsapi_die "the store is damaged."
}

# expect NAME ROW TEXT: what a row of the results has to say.
expect() {
  grep --quiet "^$2 .*$3" "$work/$1/results" || vsapi_die "\"$2\" is not \"$3\" in the results above."
}

# found NAME: were sleepers of both updates found in mail that had been clean?
found() {
  local update
  "$store_sim" report "$work/$1/store" >"$work/$1/report"
  for update in 0 1; do
    grep --quiet "found .*Simulated.Sleeper-$update" "$work/$1/report" ||
      vsapi_die "nothing was found by the definitions of update $update."
  done
}

# row NAME ACTION: how often it was done, and P50, P90, P99 and the longest.
row() {
  awk -v action="$2" 'index($0, action " ") == 1 {
    sub("^" action, ""); printf "%s | %s ms | %s ms | %s ms | %s ms", $1, $3, $5, $7, $11 }' "$work/$1/results"
}

print_table() {
  local action
  printf '| | background scanning | count | p50 | p90 | p99 | longest |\n|---|---|---|---|---|---|---|\n'
  for action in open 'each message' preview synchronise deliver; do
    printf '| %s | on | %s |\n' "$action" "$(row with "$action")"
    printf '| | off | %s |\n' "$(row without "$action")"
  done
}

keep=no
case ${1:-} in
  --keep) keep=yes ;;
  --help | -h) usage && exit 0 ;;
  '') ;;
  *) usage >&2 && exit 2 ;;
esac

# shellcheck disable=SC2119  # the preset release needs no package of its own
vsapi_install_packages
vsapi_build release store_sim vsapi_clamav vsapi_worker >/dev/null || vsapi_die "the build failed." "Run: cmake --build --preset release"
store_sim=$vsapi_root/build/release/bin/store_sim
work=$(mktemp -d)
# What was being scanned when the host was killed is tried in a worker process, which reads the
# definitions as the user nobody where this is root.
chmod 755 "$work"
[[ $keep == yes ]] || trap 'rm -rf "$work"' EXIT

day with 1
day without 0
for name in with without; do
  expect "$name" definitions ' 2 '
  expect "$name" time 'killed and begun again 1 time'
  expect "$name" lost ' 0$'
  expect "$name" exposures ' 0$'
  found "$name"
done
expect with current '100.0 %'
vsapi_say "Nothing bad reached a client, nothing was lost, everything is scanned by the last definitions"
print_table
[[ $keep == no ]] || vsapi_say "Stores, results and plots: $work"

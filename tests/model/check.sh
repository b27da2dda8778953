#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Has spin look at every state of one scenario. With a MUTANT, which leaves out one guard of the code,
# it must find that wrong.
set -euo pipefail
readonly kFolder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly kMemoryMiB=4000

usage() {
  cat <<END
Usage: tests/model/check.sh SCENARIO [MUTANT]

SCENARIOs: $(cd "$kFolder/scenarios" && echo *.pml | sed 's/\.pml//g')
MUTANTs:   $(sed -nE 's/^#ifn?def MUTANT_([A-Z_]+).*/\1/p' "$kFolder"/*.pml | sort -u | tr '\n' ' ')

Exit status: 0 if all that must hold does (with a MUTANT: if it does not).
END
}

# Prints the steps that led to the error.
show_trail() {
  spin "${flags[@]}" -t -p -k model.trail "$kFolder/scenarios/$scenario.pml" | tail -n 200
}

main() {
  [[ $# -ge 1 && -e $kFolder/scenarios/$1.pml ]] || { usage >&2; exit 1; }
  scenario=$1
  flags=(${2:+-DMUTANT_$2})
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  spin "${flags[@]}" -a "$kFolder/scenarios/$scenario.pml"
  # Optimized it would take a minute to compile and save seconds of the run.
  gcc -O0 -w -DSAFETY -DCOLLAPSE -DNOFAIR -DVECTORSZ=2048 -DMEMLIM=$kMemoryMiB -o pan pan.c
  ./pan -m100000 -w25 >answer
  grep -E 'pan:1|errors:|states, stored|elapsed' answer
  if grep -q 'max search depth too small\|reached -DMEMLIM\|out of memory' answer; then
    echo "not every state was looked at"
    exit 1
  fi
  if grep -q 'errors: 0$' answer; then
    [[ $# -eq 1 ]] || { echo "the checker has not found what $2 breaks"; exit 1; }
    exit 0
  fi
  [[ $# -eq 2 ]] && exit 0
  mv ./*.trail model.trail
  show_trail
  exit 1
}

main "$@"

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154  # vsapi_root is of setup.sh, rounds of who sources this
#
# What run.sh and compare.sh have in common: how much of the machine others use meanwhile, and which
# machine it is. Sourced, after samples/setup.sh.
#
#   measure_others COMMAND...  runs it, and sets `others` to the percentage of the machine that others used
#   describe_machine COMMAND   prints KEY=VALUE lines for the head of a report; reads `rounds`, `others`
#   machine_kind               as in x86_64-2cpu

# More than this part of the machine used by others makes times doubtful, ratios still hold.
readonly kBusyPercent=10

# Jiffies: "TOTAL BUSY" of all processors since the start of the system.
machine_jiffies() { awk '/^cpu /{t=0; for(i=2;i<=9;i++)t+=$i; print t, t-$5-$6}' /proc/stat; }
# Jiffies that this shell and the programs it waited for have used.
own_jiffies() { awk '{sub(/.*\) /, ""); print $12+$13+$14+$15}' "/proc/$$/stat"; }

measure_others() {
  local total busy own total_after busy_after own_after
  read -r total busy < <(machine_jiffies)
  own=$(own_jiffies)
  "$@"
  read -r total_after busy_after < <(machine_jiffies)
  own_after=$(own_jiffies)
  others=$((100 * (busy_after - busy - own_after + own) / (total_after - total + 1)))
  [[ $others -le $kBusyPercent ]] ||
    vsapi_say "Others used $others % of the machine: trust ratios and CPU times, not wall times"
}

machine_kind() { printf '%s-%dcpu' "$(uname -m)" "$(nproc)"; }

describe_machine() {
  printf 'date=%s\n' "$(date -u +%F)"
  printf 'machine=%s\n' "$(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/{print int($2/1048576+0.5)}' /proc/meminfo) GiB"
  printf 'system=%s, Linux %s\n' "$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)" "$(uname -r)"
  printf 'compiler=%s\n' "$(c++ --version | head -1)"
  printf 'libclamav=%s\n' "$(pkg-config --modversion libclamav)"
  printf 'revision=%s\n' "$(git -C "$vsapi_root" rev-parse --short HEAD 2>/dev/null || echo unknown)"
  printf 'command=%s\n' "$1"
  printf 'rounds=%s\nothers=%s\nbusy=%s\n' "$rounds" "$others" "$kBusyPercent"
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What samples/demo.sh and tests/run.sh have in common: installs the packages of packages.txt that
# are missing, and builds a preset. Sourced, not run. With nothing missing it needs neither the
# network nor root.
#
#   vsapi_root              the top of the source tree
#   vsapi_install_packages  makes sure of the packages, or says what to do and exits with 1
#   vsapi_build PRESET [TARGET...]
#                           configures and builds into build/PRESET; its status is the build's

vsapi_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

vsapi_say() { printf '== %s\n' "$*"; }
# vsapi_die MESSAGE [WHAT_TO_DO...]
vsapi_die() {
  printf 'error: %s\n' "$1" >&2
  shift
  printf '       %s\n' "$@" >&2
  exit 1
}

vsapi_listed_packages() {
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$vsapi_root/samples/packages.txt"
}

# Prints the listed packages that are not installed.
vsapi_missing_packages() {
  local installed
  # It fails when any package is unknown, and still prints the others: its status says nothing here.
  # shellcheck disable=SC2016  # the variables are dpkg-query's, not the shell's
  installed=$(vsapi_listed_packages |
    xargs dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p' || true)
  vsapi_listed_packages | grep --invert-match --line-regexp --fixed-strings "${installed:-none}" || true
}

# Runs apt-get as root: directly, or by a sudo that asks for no password. Waits for another apt that
# is at work, as fresh machines have one.
vsapi_apt_get() {
  local -a as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo -n)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet --quiet -o DPkg::Lock::Timeout=600 "$@"
}

vsapi_try_install() {
  vsapi_apt_get update && vsapi_apt_get install --yes --no-install-recommends "$@"
}

vsapi_install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    vsapi_die "this is not a Debian system, and the packages are listed by their Debian names." \
      "Install your system's own for: $(vsapi_listed_packages | xargs)" \
      "Then build by hand: cmake --preset release && cmake --build --preset release && ctest --preset release"
  fi
  local -a missing
  mapfile -t missing < <(vsapi_missing_packages)
  [[ ${#missing[@]} -gt 0 ]] || return 0
  if [[ $EUID -ne 0 ]] && ! sudo -n true 2>/dev/null; then
    vsapi_die "packages are missing, and installing them takes root. Ask the administrator for:" \
      "apt-get install --no-install-recommends ${missing[*]}"
  fi
  vsapi_say "Installing ${missing[*]}"
  # Once more with fresh lists: a mirror may change between the two steps.
  vsapi_try_install "${missing[@]}" || vsapi_try_install "${missing[@]}" ||
    vsapi_die "apt-get could not install: ${missing[*]}" \
      "Its own message stands above. Check the network and /etc/apt/sources.list, then start again."
}

vsapi_build() {
  local preset=$1
  shift
  local -a targets=()
  [[ $# -eq 0 ]] || targets=(--target "$@")
  (cd "$vsapi_root" && cmake --preset "$preset" &&
    cmake --build --preset "$preset" --parallel "$(nproc)" "${targets[@]}")
}

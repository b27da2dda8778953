#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A million scans with a hundred reloads under a vendor's DLL: the memory of the process must stay
# flat. For every night.
set -euo pipefail
# shellcheck source=samples/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../samples/setup.sh"

case ${1:-} in
  -h | --help)
    echo "Usage: tests/soak.sh [SCANS [SCANS_PER_RELOAD [VENDOR]]]   (1000000, 10000, tests/vendors/good)"
    exit 0 ;;
esac
vsapi_install_packages release
vsapi_say "Building"
vsapi_build release soak test_vendors
vsapi_say "Scanning"
exec "$vsapi_root/build/release/tests/bin/soak" \
  "${3:-$vsapi_root/build/release/tests/vendors/good.so}" "${1:-1000000}" "${2:-10000}"

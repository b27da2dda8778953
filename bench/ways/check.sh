#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# check.sh PROGRAM: runs all ways as briefly as can be, and fails where something is not so that must
# be so on any machine.
set -euo pipefail

records=$(mktemp)
trap 'rm -f "$records"' EXIT
"$1" --short --records "$records"
"$(dirname "${BASH_SOURCE[0]}")/table.py" --check "$records"

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The golden JSON is as the schema says: what a program that reads it may rely on.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

schema=$(mktemp) || exit 2
trap 'rm -f "$schema"' EXIT
"${MPROTWATCH:-build/mprotwatch}" --json-schema >"$schema"

for golden in tests/replay/cases/*.json; do
	holds "${golden##*/} is as the schema says" \
		"$(tests/live/check.py schema "$schema" "$golden" 2>&1)"
done
exit $failed

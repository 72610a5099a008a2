#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings of older versions of the format, kept as they were made: they show what they
# showed. And one of a version that comes after this one is refused in one clear sentence.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

MPROTWATCH=${MPROTWATCH:-build/mprotwatch}
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

for rec in tests/replay/recordings/*.rec.zst; do
	name=${rec%.rec.zst}
	for kind in text json; do
		how=(--utc -q -i "$rec")
		[[ $kind == text ]] || how+=(-j)
		holds "${name##*/} shows what it showed, as $kind" "$(
			"$MPROTWATCH" "${how[@]}" 2>&1 |
				sed 's/"version":"[^"]*"/"version":"0.1.0"/' | diff "$name.$kind" - | head -n 5
		)"
	done
	holds "${name##*/} is whole" "$("$MPROTWATCH" info --check -i "$rec" 2>&1 | grep -q '^check *whole' || echo no)"
done

if command -v sqlite3 >/dev/null && command -v zstd >/dev/null; then
	zstd -dq tests/replay/recordings/version2-flip.rec.zst -o "$scratch/newer.rec"
	holds "pages of 4K are nothing special" "$("$MPROTWATCH" info -i "$scratch/newer.rec" | grep 'pages of')"
	sqlite3 "$scratch/newer.rec" "INSERT INTO meta VALUES ('page_bytes', 65536)"
	equals "the size of other pages is told" \
		"$("$MPROTWATCH" info -i "$scratch/newer.rec" | grep -c '^host .*, x86_64, pages of 64K$')" 1
	sqlite3 "$scratch/newer.rec" 'PRAGMA user_version = 5'
	equals "a newer version is refused" "$("$MPROTWATCH" -i "$scratch/newer.rec" 2>&1)" \
		"mprotwatch: cannot read the recording '$scratch/newer.rec': it has a newer format than this mprotwatch knows (a newer mprotwatch reads it)"
else
	skip "a newer version, and pages of 64K" "sqlite3 or zstd is not installed"
fi
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One word for one thing (HACKING.md): no struct tag, public function or file name stands twice, no
# name uses a word that another has replaced, and comments start with the noun they are about.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

shopt -s nullglob globstar
files=(user/**/*.[ch] bpf/*.[ch] include/*.h)

holds "no file name stands twice" "$(basename -a "${files[@]}" | sort | uniq -d)"
holds "no struct or enum tag stands twice" "$(
	grep -hoE '^(struct|enum) [a-z_0-9]+ \{' "${files[@]}" | sort | uniq -d)"
holds "no static function has the name of a public one" "$(
	comm -12 <(grep -hE '^[a-z].*\b[a-z_0-9]+\(.*\);$' user/**/*.h | grep -v '^static\|^typedef' |
		sed -E 's/^[^(]*\b([a-z_0-9]+)\(.*/\1/' | sort -u) \
		<(grep -hE '^static [^=;]*\b[a-z_0-9]+\(' user/**/*.c |
			sed -E 's/^static [^(]*\b([a-z_0-9]+)\(.*/\1/' | sort -u)
)"
holds "words that another has replaced are not in names" "$(
	sed -E 's|/\*.*\*/||; s|^ \*.*||; s|"[^"]*"||g' "${files[@]}" |
		grep -woE '[a-z_0-9]*(unsure|adrift|uncertain|doubted|forgotten|untold)[a-z_0-9]*' | sort | uniq -c
)"
holds "no comment starts with \"What\", \"The same\", \"As much\" or \"Of\"" "$(
	grep -nE '/\* (What|The same|As much|Of) ' "${files[@]}" tests/**/*.[ch] | head -n 20
	grep -nA1 -E '^\s*/\*$' "${files[@]}" tests/**/*.[ch] |
		grep -E '[0-9]-\s* \* (What|The same|As much|Of) ' | head -n 20
)"
exit $failed

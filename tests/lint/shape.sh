#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The shape of files: licence line first, no file of more than 500 lines, no
# function of more than 70, formatted, nothing left to do.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

shopt -s nullglob globstar
c_files=(bpf/*.[ch] include/*.h vmlinux/**/*.h user/**/*.[ch] tests/*.h tests/**/*.[ch])
scripts=(tests/**/*.sh tests/**/*.bats tests/**/*.bash tests/**/*.py contrib/**/*.sh .ci/run)
web=(user/sink/html/* tests/html/*.js)

long_functions() {
	awk '
		FNR == 1 { start = 0 }
		/^[a-z].*\)$|^[a-z].*[^;]$/ { name = $0; at = FNR }
		/^\{$/ { start = FNR }
		/^\}$/ && start { if (FNR - start > 70) printf "%s:%d: %d lines: %s\n", FILENAME, start, FNR - start, name; start = 0 }
	' "$@"
}

holds "every file names its licence first" "$(
	for f in "${c_files[@]}"; do
		head -n 1 "$f" | grep -q '^/\* SPDX-License-Identifier: ' || echo "$f"
	done
	for f in "${scripts[@]}" Makefile; do
		head -n 2 "$f" | grep -q '^# SPDX-License-Identifier: ' || echo "$f"
	done
	for f in "${web[@]}"; do
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: ' || echo "$f"
	done
)"
holds "no file has more than 500 lines" "$(
	wc -l "${c_files[@]}" "${scripts[@]}" "${web[@]}" Makefile | awk '$2 != "total" && $1 > 500'
)"
holds "no function has more than 70 lines" "$(long_functions "${c_files[@]}")"
holds "scripts of the page name no number of C that the build does not give them" "$(
	comm -23 <(grep -ohE '\b(HTML|NR_SPAN|PAGE|SPAN|VMA)_[A-Z_]+\b' user/sink/html/*.js | sort -u) \
		<(sed -nE 's/^\tNUMBER\((.*)\);/\1/p' user/sink/html/html_numbers.c | sort)
)"
holds "nothing is left to do" "$(grep -nE "\b(TO""DO|FIX""ME|X""XX)\b" "${c_files[@]}" "${scripts[@]}" "${web[@]}" Makefile)"
holds "no white space ends a line" "$(grep -nE '[[:space:]]+$' "${c_files[@]}" "${scripts[@]}" "${web[@]}" Makefile)"

if command -v clang-format >/dev/null; then
	holds "clang-format finds nothing to change (make format)" \
		"$(clang-format --dry-run -Werror "${c_files[@]}" 2>&1 | sed -nE 's/:.*(error|warning):.*//p' | uniq -c)"
else
	skip clang-format "clang-format is not installed"
fi
if command -v shellcheck >/dev/null; then
	sh_files=()
	for f in "${scripts[@]}"; do
		[[ $f == *.py ]] || sh_files+=("$f")
	done
	holds "shellcheck has no complaint" "$(shellcheck -x -S warning "${sh_files[@]}" 2>&1)"
else
	skip shellcheck "shellcheck is not installed"
fi
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The manual page is well formed, and has the same options as the help.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

MPROTWATCH=${MPROTWATCH:-build/mprotwatch}
page=man/mprotwatch.8
synopsis=$(mktemp) || exit 2
trap 'rm -f "$synopsis"' EXIT

if ! [[ -f $page ]]; then
	echo "not ok - there is a manual page"
	exit 1
fi
if ! command -v mandoc >/dev/null; then
	echo "SKIP mandoc is not installed"
	exit 77
fi

long_options() {
	grep -oE -- '--[a-z][a-z-]+' | sort -u
}

# Only those that the page explains, in its lists; other programs' options may occur in its text.
documented=$(mandoc -T utf8 -O width=200 "$page" | col -bx | sed 's/[‐−–]/-/g' | grep -E '^ +-' | long_options)
verbs=$("$MPROTWATCH" --help | sed -n '/^Verbs/,/^$/s/^  \([a-z]*\) .*/\1/p')
offered=$(
	for verb in '' $verbs; do
		"$MPROTWATCH" $verb --help | grep -E '^ +-'
	done | long_options
)

holds "mandoc finds no fault with the manual pages" "$(mandoc -T lint -W warning man/*.[1-8])"
holds "the manual page has every option of the help" "$(comm -13 <(echo "$documented") <(echo "$offered"))"
holds "the help has every option of the manual page" "$(comm -23 <(echo "$documented") <(echo "$offered"))"
holds "the manual page has every verb of the help" "$(
	[[ $verbs ]] || echo "the help has none"
	for verb in $verbs; do grep -qE "^\.(It|Nm) (Cm |.* )?$verb" "$page" || echo "$verb"; done
)"
holds "its synopsis has a line for each verb" "$(
	mandoc -T utf8 -O width=80 "$page" | col -bx | sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' >"$synopsis"
	for verb in $verbs; do grep -qE "^ {5}mprotwatch $verb( |$)" "$synopsis" || echo "$verb"; done
	grep -E '^ {5}[^ ]' "$synopsis" | grep -vE '^ {5}mprotwatch( |$)'
)"
for file in man/*.[1-8]; do
	# shellcheck disable=SC1112 # these are the quotes that are looked for
	holds "each quote and bracket of $file is closed in its paragraph" "$(
		mandoc -T utf8 -O width=80 "$file" | col -bx | awk -v RS= '
			function count(sign, copy) { copy = $0; return gsub(sign, "", copy) }
			count("‘") != count("’") || count("“") != count("”") || /’’|‘‘|””|““|‘’|“”|‘[ ,.]|[ (]’/ ||
			(!/SELECT|printf/ && (count("[(]") != count("[)]") || count("[[]") != count("[]]")))'
	)"
done
if command -v groff >/dev/null; then
	holds "groff warns of nothing" "$(groff -mandoc -Tutf8 -ww -z man/*.[1-8] 2>&1)"
else
	skip "groff warns of nothing" "groff is not installed"
fi
holds "the manual page says which version it is of" "$(
	version=$("$MPROTWATCH" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
	grep -qF "$version" "$page" || echo "$version does not occur"
)"
exit $failed

# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Shared by the tests that build a copy of the tree, somewhere in $tmp.

O=${O:-build}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# What git tracks or would track; without git, all but what was built.
sources() {
	if git ls-files --error-unmatch Makefile >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard
	else
		find . \( -name .git -o -path './build' -o -path './build-*' -o -path "./$O" -o -path "./$O-*" \) \
			-prune -o -type f -print0
	fi
}

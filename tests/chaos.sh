#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/chaos.sh [OPERATIONS [SEEDS]]: the chaos workload under --verify, by default a million
# operations with each of ten seeds, with one and with four threads, also under a seccomp filter
# that answers some calls, in both tiers. Prints the
# sums of each run; one that leaves a mirror wrong is named, with the command that runs it again.
# What a loaded machine lost must have been healed.
set -u
cd "$(dirname "$0")/.." || exit 1
operations=${1:-1000000} seeds=${2:-10}
tool=${MPROTWATCH:-build/mprotwatch} chaos=${O:-build}/workloads/chaos
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
failed=0

for ((seed = 1; seed <= seeds; seed++)); do
	for mode in 1 4 "1 filter" "4 filter"; do
		read -ra how <<<"$mode"
		for tier in truth inference; do
			run=("$tool" --tier="$tier" --verify --no-timeline -o /dev/null
				-- "$chaos" "$seed" "$operations" "${how[@]}")
			status=0
			"${run[@]}" 2>"$out" || status=$?
			echo "seed $seed, threads $mode, $tier: $(grep -E ' lost$|verify:' "$out" | paste -sd ';')"
			((status == 0)) && grep -q ' 0 differing, 0 ranges repaired' "$out" && continue
			echo "FAILED with status $status: ${run[*]}"
			failed=1
		done
	done
done
exit $failed

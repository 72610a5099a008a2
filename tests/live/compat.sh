#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Calls by the 32-bit entry, of 64-bit and of 32-bit programs: seen with --compat, or always where
# the kernel has a place that nothing else passes; where they are not seen, that is said.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

programs=()
if [[ $(uname -m) == x86_64 ]]; then
	int80_works || refuse "$why"
	programs+=("$workloads/compat")
fi
if runs_32bit; then
	programs+=("$workloads/compat32")
	compat32=1
else
	((${#programs[@]})) || refuse "$why"
	skip "calls of 32-bit programs" "$why"
	compat32=
fi

for tier in "${tiers[@]}"; do
	how=()
	[[ $tier == inference ]] && how=(--honest)
	trace $tier --compat --verify --strict --tier=$tier -- bash -c 'for program; do "$program" || exit; done' - "${programs[@]}"
	well $tier "the workloads end well ($tier)"
	as_told $tier "their calls are seen as they were ($tier)" "${how[@]}"
	holds "the mirrors are left as the kernel has them ($tier)" "$("$check" verified $tier.json 2>&1)"
	as_schema "JSON is as its schema has it ($tier)" $tier
	holds "nothing is said to be unseen ($tier)" "$(grep 'not seen' $tier.err)"
done

# A process of the whole machine, not of a command; native calls are not marked.
if [[ $compat32 ]]; then
	start all --compat -a
	"$workloads/compat32" >all.expect
	"$workloads/heap" >heap.expect
	stop
	as_told all "-a: a 32-bit program is seen" "${best[@]}"
	holds "calls are marked as what they are" "$(
		grep -F '"comm":"compat32"' all.json | grep -F '"call":{' | grep -vF '"compat":true'
		grep -F '"comm":"heap"' all.json | grep -F '"compat":true'
		grep -F '"comm":"compat32"' all.json | grep -F '"call":{' >/dev/null || echo "none is there"
	)"
fi

trace plain --verify -- "${programs[0]}"
if grep -q 'are not seen; --compat' plain.err; then
	equals "what is not seen is not there" "$(grep -c '"compat":true' plain.json)" 0
	# whoever looks later finds it: a compared mirror differs, and is repaired
	has_truth && holds "--verify finds what was not seen" "$(grep -E ' [1-9][0-9]* ranges? repaired' plain.err >/dev/null || cat plain.err)"
else
	as_told plain "without --compat they are seen where nothing else pays for it" "${best[@]}"
fi
exit $failed

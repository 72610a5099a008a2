#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Calls that somebody answers in the kernel's place did nothing, and real ones between them did: a
# seccomp filter, its listener, a tracer, and a tracer that is gone when the call returns.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

for how in errno0 errno trap listener sysemu leaving allow; do
	for tier in "${tiers[@]}"; do
		doubt=()
		[[ $tier == inference ]] && doubt=(--honest)
		trace "$how-$tier" --verify --tier=$tier -- "$workloads/answered" $how
		equals "a process whose calls are answered ends well ($how, $tier)" $status 0
		holds "its mirror is not wrong ($how, $tier)" \
			"$(grep -q ' 0 differing' "$how-$tier.err" || cat "$how-$tier.err")"
		as_told "$how-$tier" "its real calls are seen as they were ($how, $tier)" "${doubt[@]}"
		as_schema "its JSON is as its schema has it ($how, $tier)" "$how-$tier"
	done
done
if has_truth; then
	holds "an answered call is said to be answered, and one that nobody can answer is not" "$(
		for how in errno0 trap listener sysemu leaving; do
			grep -q '"answered_by":' $how-truth.json || echo "not by $how"
		done
		grep -h '"answered_by":' ./*.json | grep '"type":"change"'
		grep '"unproven":' allow-*.json
	)"
	for threads in 1 4; do
		trace "filter$threads" --verify --strict -- "$workloads/chaos" 5 10000 $threads filter
		well "filter$threads" "chaos with $threads threads, some of whose calls are answered, leaves the mirrors right"
	done
else
	skip "all of the above in the truth tier" "this kernel cannot read mappings back"
fi
exit $failed

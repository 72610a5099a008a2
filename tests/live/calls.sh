#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every traced call, as /proc/self/maps says it was: with the kernel's truth, and inferred.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$MPROTWATCH" --json-schema >schema.json
for tier in truth inference; do
	how=()
	[[ $tier == inference ]] && how=(--honest)
	for name in map protect heap remap shm seal implied family names; do
		trace "$name-$tier" --verify --tier=$tier -- "$workloads/$name"
		equals "$name ends well ($tier)" $status 0
		as_told "$name-$tier" "$name is seen as it was ($tier)" "${how[@]}"
		holds "$name leaves the mirror as the kernel has it ($tier)" \
			"$("$check" verified "$name-$tier.json" 2>&1)"
		holds "$name gives JSON as its schema has it ($tier)" \
			"$("$check" schema schema.json "$name-$tier.json" 2>&1)"
	done
done

if grep -q CALL seal-truth.expect; then
	holds "a seal is told" "$(grep -q '"sealed":true' seal-truth.json || echo "it is not")"
fi

# Threads race: nothing that is told is wrong, though some of it may be unknown.
for i in 1 2 3; do
	trace "race$i" --verify --strict -- "$workloads/race"
	equals "the race $i ends well" $status 0
	as_told "race$i" "racing threads are seen as they were ($i)" --honest
done

# Random calls on every kind of mapping: at the end the mirrors are what the kernel has.
for seed in 1 2; do
	for threads in 1 4; do
		trace "chaos$seed" --verify --strict -- "$workloads/chaos" $seed 10000 $threads
		holds "chaos $seed with $threads threads leaves the mirrors right" \
			"$( ((status == 0)) || tail -n 20 "chaos$seed.err")"
	done
done

for name in names protect; do
	"$MPROTWATCH" -o "$name.text" -- "$workloads/$name" >/dev/null 2>"$name.err"
	holds "text of $name is printable, valid UTF-8" "$("$check" text "$name.text" 2>&1)"
	equals "text of $name has a timeline" "$(grep -c '^Protections over time' "$name.text")" 1
done
exit $failed

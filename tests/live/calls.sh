#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every traced call, as /proc/self/maps says it was: with the kernel's truth, and inferred.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

has_truth || skip "the truth tier" "this kernel cannot read mappings back"
for tier in "${tiers[@]}"; do
	how=()
	[[ $tier == inference ]] && how=(--honest)
	for name in map protect heap remap shm seal implied family names; do
		trace "$name-$tier" --verify --tier=$tier -- "$workloads/$name"
		equals "$name ends well ($tier)" $status 0
		if [[ $name != seal ]] || grep -q ^CALL seal-$tier.expect; then
			as_told "$name-$tier" "$name is seen as it was ($tier)" "${how[@]}"
		else
			skip "seal is seen as it was ($tier)" "neither mseal (6.10) nor map_shadow_stack (6.6) here"
		fi
		holds "$name leaves the mirror as the kernel has it ($tier)" \
			"$("$check" verified "$name-$tier.json" 2>&1)"
		as_schema "$name gives JSON as its schema has it ($tier)" "$name-$tier"
	done
done

if grep -q '^CALL .* mseal' seal-inference.expect; then
	holds "a seal is told" "$(grep -q '"sealed":true' seal-*.json || echo "it is not")"
else
	skip "a seal is told" "no mseal here (6.10)"
fi

# Threads race: nothing that is told is wrong, though some of it may be unknown.
for i in 1 2 3; do
	trace "race$i" --verify --strict -- "$workloads/race"
	well "race$i" "the race $i ends well"
	as_told "race$i" "racing threads are seen as they were ($i)" --honest
done

# Lengths that wrap around make no record that the reader must refuse, which would be a loss.
trace wrap --verify --strict -- "$workloads/wrap"
equals "calls whose ranges wrap are no losses, and change nothing" $status 0

# Random calls on every kind of mapping: at the end the mirrors are what the kernel has.
for seed in 1 2; do
	for threads in 1 4; do
		trace "chaos$seed" --verify --strict -- "$workloads/chaos" $seed 10000 $threads
		well "chaos$seed" "chaos $seed with $threads threads leaves the mirrors right"
	done
done

# The same with inference, which can compare them only while the process lives.
for threads in 1 4; do
	start rest$threads --tier=inference --verify --strict -- "$workloads/chaos" 3 10000 $threads rest
	wait_until grep -qs 'AT REST' rest$threads.out
	started+=("$(sed -n 's/^AT REST //p' rest$threads.out)")
	stop
	well rest$threads "chaos with $threads threads leaves the inferred mirrors right"
	holds "and they were compared" "$(grep -E 'verify: [1-9]' "rest$threads.err" >/dev/null || cat "rest$threads.err")"
done

for name in names protect; do
	"$MPROTWATCH" -o "$name.text" -- "$workloads/$name" >/dev/null 2>"$name.err"
	holds "text of $name is printable, valid UTF-8" "$("$check" text "$name.text" 2>&1)"
	equals "text of $name has a timeline" "$(grep -c '^Protections over time' "$name.text")" 1
done
# A process that ends while a call of it waits for a snapshot: the tracer stands still until it has.
# shellcheck disable=SC2016
"$MPROTWATCH" --tier=inference --verify --strict --no-timeline -o late.out -- sh -c \
	'echo $$ >late.pid; kill -STOP $PPID; exec "$0"' "$workloads/shm" >late.told 2>late.err &
tracer=$!
started+=("$tracer")
wait_until grep -qs '^[0-9]' late.pid
wait_until grep -qs '^State:.Z' "/proc/$(<late.pid)/status"
kill -CONT $tracer
wait $tracer
equals "with nothing to compare --verify --strict does not pass" $? 3
holds "and says so" "$(grep -q 'verify: nothing was compared.* 1 not known' late.err || cat late.err)"

exit $failed

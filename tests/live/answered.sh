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
# Errors of a filter that looks at arguments are like the kernel's own: by whom is not known.
for tier in "${tiers[@]}"; do
	run=service-$tier
	doubt=()
	[[ $tier == inference ]] && doubt=(--honest)
	start "$run" --verify --strict --tier=$tier -- "$workloads/answered" service
	wait_until grep -qs 'AT REST' "$run.out"
	started+=("$(sed -n 's/^AT REST //p' "$run.out")")
	stop
	grep -v '^AT REST' "$run.out" >"$run.expect"
	well "$run" "the mirror of a hardened service at rest is right ($tier)"
	holds "and it was compared ($tier)" "$(grep -E 'verify: [1-9]' "$run.err" >/dev/null || cat "$run.err")"
	as_told "$run" "its real calls are seen as they were ($tier)" "${doubt[@]}"
	if grep -qs 'ospke' /proc/cpuinfo; then
		holds "a protection key is known that no list of mappings has ($tier)" "$(grep '"pkey":1' "$run.json" >/dev/null || tail -n 3 "$run.json")"
	else
		skip "a protection key is known that no list of mappings has ($tier)" "this processor has no keys"
	fi
	equals "an error may be a filter's where one looks at the call, whoever gave it ($tier)" "$(
		python3 - "$run.json" <<-'END'
			import json, sys
			for x in map(json.loads, open(sys.argv[1])):
			    c = x.get("call", {})
			    if "errno" in c and x["comm"] == "answered":
			        print(c["name"], c["errno"], "maybe" if c.get("unproven") else "kernel")
		END
	)" "mprotect EPERM maybe
mmap EPERM maybe
mprotect EPERM maybe
pkey_mprotect EPERM maybe
shmat EPERM maybe
mprotect EINVAL maybe
remap_file_pages EINVAL kernel"
done
if has_truth; then
	holds "an answered call is said to be answered, and one that nobody can answer is not" "$(
		for how in errno0 trap listener sysemu leaving service; do
			grep -q '"answered_by":' $how-truth.json || echo "not by $how"
		done
		grep -h '"answered_by":' ./*.json | grep '"type":"change"'
		grep '"unproven":' allow-*.json
		# mremap never gives this result
		grep -h '"name":"mremap".*"ret":"0x0"' ./*-truth.json | grep '"type":"change"'
	)"
	for threads in 1 4; do
		trace "filter$threads" --verify --strict -- "$workloads/chaos" 5 10000 $threads filter
		well "filter$threads" "chaos with $threads threads, some of whose calls are answered, leaves the mirrors right"
	done
else
	skip "all of the above in the truth tier" "this kernel cannot read mappings back"
fi
if [[ -s sysemu-inference.json ]] && grep -qs '^CALL' sysemu-inference.expect; then
	holds "a tracer's user is known" "$(grep '"tracer_uid":0[,}]' sysemu-inference.json >/dev/null || grep -m 3 '"tracer"' sysemu-inference.json)"
else
	skip "a tracer's user is known" "no call of a traced process was made"
fi
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Ways to change an address space beside the usual calls, each of the manual's table that a program can
# take: the mirror is right afterwards, or says that it does not know.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

for way in stack-lock stack-advice high process uring aio vdso heap splits; do
	for tier in "${tiers[@]}"; do
		trace "$way-$tier" --verify --strict --tier=$tier -- "$workloads/ways" $way
		if ((status == 77)); then
			skip "$way ($tier)" "$(sed -n 's/^SKIP //p' "$way-$tier.expect")"
			continue
		fi
		well "$way-$tier" "$way leaves the mirror right ($tier)"
		equals "$way loses nothing ($tier)" "$(lossless "$way-$tier" || cat "$way-$tier.err")" ""
	done
done
if grep -q '"name":"mprotect".*"errno":"ENOMEM"' splits-*.json 2>/dev/null; then
	for tier in "${tiers[@]}"; do
		holds "the kernel counts mappings that differ in no right ($tier)" \
			"$(grep -q '"map_count":6[0-9]\{4\}' "splits-$tier.json" || tail -n 3 "splits-$tier.json")"
		holds "and so the limit is found ($tier)" "$(grep -q '"rule":"map-limit"' "splits-$tier.json" || echo "it is not")"
	done
fi

# The kernel maps [uprobes] by itself, when a probe is hit. Probes are the whole machine's, so this one
# goes at the end, whatever comes before.
tracefs=$scratch/tracefs
mkdir "$tracefs"
at=$(readelf -sW "$workloads/ways" | awk '$8 == "probed" { print $2 }')
if ! mount -t tracefs none "$tracefs" 2>mount.err || ! [[ -e $tracefs/uprobe_events ]]; then
	skip "[uprobes]" "no probes of programs here ($(cat mount.err))"
elif ! echo "p:mpw_test_$$/hit $workloads/ways:0x$at" >"$tracefs/uprobe_events" 2>probe.err; then
	skip "[uprobes]" "the probe is refused: $(cat probe.err)"
	umount "$tracefs"
else
	echo 1 >"$tracefs/events/mpw_test_$$/enable"
	for tier in "${tiers[@]}"; do
		mkfifo "$tier.in"
		"$MPROTWATCH" --no-timeline --verify --strict --tier=$tier -o "$tier.text" -- "$workloads/ways" probed \
			<"$tier.in" >"$tier.out" 2>"$tier.err" &
		tracer=$!
		started+=("$tracer")
		exec {go}>"$tier.in"
		wait_until grep -qs 'AT REST' "$tier.out"
		pid=$(sed -n 's/^AT REST //p' "$tier.out")
		wait_until grep -q uprobes "/proc/$pid/maps"
		echo >&"$go"
		exec {go}>&-
		wait "$tracer"
		status=$?
		well "$tier" "[uprobes] is no error of a mirror ($tier)"
	done
	holds "and is said to be the kernel's" "$(grep -h 'uprobes.*by the kernel itself' ./*.text >/dev/null || cat ./*.text)"
	echo 0 >"$tracefs/events/mpw_test_$$/enable"
	echo "-:mpw_test_$$/hit" >>"$tracefs/uprobe_events"
	umount "$tracefs"
fi
exit $failed

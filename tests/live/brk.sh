#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# brk: refused breaks are failed calls, which lose nothing; a heap in hundreds of pieces costs no
# more than one in one piece; threads that cut the heap and move the break leave the mirror right.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# The notes of refused breaks, as often as there were; the caller's line ends in them.
refusals() {
	sed -n 's/.* brk .*\(refused.*\)/\1/p' "$1" | sed 's/ at [0-9a-f]* / /' | uniq -c | sed 's/^ *//'
}

declare -A why=(
	[met]="refused: 64K of [anon] is in the way"
	[grown]="refused: 64K of [anon] is in the way"
	[limit]="refused: RLIMIT_DATA of 1M: "
	[below]="refused: below the heap's start"
)
for tier in "${tiers[@]}"; do
	for mode in met grown limit below; do
		trace "$mode" --tier=$tier --verify --strict -- "$workloads/brk" $mode
		well "$mode" "a refused brk loses nothing, and leaves the mirror right ($mode, $tier)"
		equals "it is a failed call ($mode, $tier)" \
			"$(tail -n 1 "$mode.json" | grep -o '"failed":[0-9]*')" '"failed":3'
		as_schema "it is as the schema has it ($mode, $tier)" "$mode"
		# Without a list of mappings from exec, the mirror comes when all is over.
		has_truth || continue
		"$MPROTWATCH" -q -x --no-timeline --tier=$tier -o "$mode.text" -- "$workloads/brk" $mode
		equals "it says why ($mode, $tier)" "$(refusals "$mode.text" | sed 's/\(DATA of 1M: \).*/\1/')" \
			"3 ${why[$mode]}"
	done
done
"$MPROTWATCH" record -q --force -o met.rec -- "$workloads/brk" met
equals "the report counts them" \
	"$("$MPROTWATCH" report -i met.rec | sed -n 's/.*\( [0-9]* failed calls\).*/\1/p')" " 3 failed calls"
equals "a query has them without an errno" \
	"$("$MPROTWATCH" query -i met.rec --csv 'SELECT call, errno, count(*) AS n FROM failures GROUP BY 1, 2' |
		tail -n +2 | tr -d '\r"')" "brk,,3"

# The kernel reads back what is around the break: one event for each call, whatever lies below.
for pieces in 220 3000; do
	trace pieces --verify --strict -- "$workloads/brk" pieces $pieces
	well pieces "a heap in $pieces pieces loses nothing"
	has_truth || continue
	holds "each brk is a change by a call ($pieces pieces)" "$(
		n=$(grep -c '"name":"brk".*"cause":"call".*"size":4096,"before":{"state":"unmapped"}' pieces.json)
		((n == 2000)) || echo "$n of 2000"
	)"
	equals "none is found by a snapshot ($pieces pieces)" \
		"$(grep -c '"cause":"snapshot"' pieces.json)" 0
done
for i in 1 2 3; do
	trace cut --verify --strict -- "$workloads/brk" pieces 220 threads
	well cut "two threads move one break, and the mirror is right ($i)"
done
exit $failed

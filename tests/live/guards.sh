#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Guard regions: no list of mappings has them, so a mirror has those that were made before its eyes,
# and those that the kernel names (6.15).
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$workloads/guards" </dev/null >probe.out 2>&1 &
probe=$!
started+=("$probe")
wait_until grep -qs 'AT REST\|SKIP' probe.out
kill "$probe" 2>/dev/null
grep -q SKIP probe.out && refuse "$(sed -n 's/^SKIP //p' probe.out)"

# guards_of PID: the guard regions in the mirror of the process, as maps says.
guards_of() {
	"$MPROTWATCH" maps --plain -i "$name.rec" -p "$1" 2>/dev/null | awk '/\[guard\]/ { print $1 }'
}

# known NAME: the guard regions that the workload told, one line each, joined.
known() {
	sed -En "s/^($1) ([0-9a-f]*) ([0-9a-f]*)$/\2-\3/p" "$name.out"
}

# A process has more of them than are remembered: that is said, and all else goes on.
start many --verify -- "$workloads/guards" many
wait_until grep -qs 'AT REST' many.out
started+=("$(sed -n 's/^AT REST //p' many.out)")
stop
well many "too many guard regions end nothing, and no mirror is called wrong"
if [[ $("$workloads/guards" named) == yes ]]; then
	holds "and are said to be too many" "$(grep -q 'more than 65536 guard regions' many.err || cat many.err)"
fi
equals "what comes after them is seen" "$(grep -c '"name":"mprotect".*"prot":"r--".*/guards","offset"' many.json)" 70
kill "${started[-1]}"

for tier in "${tiers[@]}"; do
	name=born-$tier
	start "$name" --tier="$tier" --verify --strict -- "$workloads/guards"
	wait_until grep -qs 'AT REST' "$name.out"
	started+=("$(sed -n 's/^AT REST //p' "$name.out")")
	stop
	well "$name" "guard regions are in the mirror as the kernel has them ($tier)"
	as_schema "its JSON is as its schema has it ($tier)" "$name"
	holds "a guard region is told as one ($tier)" "$(grep -q '"guard":true' "$name.json" || echo "it is not")"
	kill "${started[-1]}"

	name=early-$tier
	mkfifo "$name.go"
	"$workloads/guards" early <"$name.go" >"$name.out" 2>&1 &
	started+=("$!")
	exec {go}>"$name.go"
	wait_until grep -qs EARLY "$name.out"
	pid=$(sed -n 's/^EARLY //p' "$name.out")
	"$MPROTWATCH" record -o "$name.rec" --tier="$tier" --verify --strict -f -p "$pid" >/dev/null 2>"$name.err" &
	tracer=$!
	started+=("$tracer")
	wait_until grep -qs 'mprotwatch: recording\|mprotwatch: tracing' "$name.err"
	echo >&"$go"
	wait_until grep -qs 'AT REST' "$name.out"
	stop
	well "$name" "so are those that were there before ($tier)"
	if [[ $("$workloads/guards" named) == yes ]]; then
		equals "maps names them, all and no others ($tier)" "$(guards_of "$pid" | sort)" "$(known "GUARD|WIPED" | sort)"
		equals "SQL has them, too ($tier)" "$("$MPROTWATCH" query -i "$name.rec" \
			"SELECT printf('%x-%x', c.start, c.start + c.size) FROM changes JOIN change c USING (id)
			WHERE is_guard AND pid = $pid ORDER BY id LIMIT 1" 2>"$name.err" | tail -n 1)" "$(known GUARD | head -n 1)"
		equals "and those of a child ($tier)" "$(guards_of "$(sed -n 's/^CHILD //p' "$name.out")" | sort)" \
			"$(known GUARD | sort)"
	else
		skip "maps names them ($tier)" "this kernel does not name guard regions (6.15)"
	fi
	exec {go}>&-
	kill "$pid"
done

exit $failed

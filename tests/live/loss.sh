#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Losses: none by default under a storm; and where the ring is too small, counted,
# shown, and healed.
#
# Runs alone: other load would decide what is lost.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# How much of a storm a machine can take depends on what else it does, and on its disk.
trace storm -- "$workloads/storm" 3
made=$(sed -n 's/^STORM //p' storm.expect)
seen=$(grep -c '"name":"mprotect"' storm.json)
if lossless storm; then
	as_told storm "a storm of 3 s: nothing lost"
	holds "all of its $made calls are there" \
		"$( ((seen >= made && seen < made + 10)) || echo "$seen are")"
else
	skip "a storm of 3 s: nothing lost" "this machine was too slow for it: $(grep -oE '[0-9]+ lost' storm.err) of $made calls"
	holds "its $made calls are there, or counted" "$("$check" sum storm.expect storm.json 2>&1)"
fi
rm storm.json

# The tracer is stopped while the storm rages, so that even a fast machine loses something.
lossy() {
	local name=$1

	shift
	"$MPROTWATCH" "$@" --ring-size 64K -o "$name.out" -- bash -c \
		'kill -STOP $PPID; "$0" 100000x & sleep 0.4; kill -CONT $PPID; wait' "$workloads/storm" \
		>"$name.expect" 2>"$name.err" </dev/null
	status=$?
}
lossy lost -j --no-timeline --strict
equals "--strict: losses are status 3" $status 3
holds "losses are told on stderr" "$(grep -qE '[1-9][0-9]* (events were )?lost' lost.err || cat lost.err)"
holds "losses are events" "$("$check" values event lost.out | grep -x loss >/dev/null || echo none)"
cp lost.out lost.json
holds "after a loss the mirror is healed" "$("$check" calls --last 2 lost.expect lost.json 2>&1)"
holds "what was seen and what was lost is all there was" "$("$check" sum lost.expect lost.json 2>&1)"

as_schema "totals name who lost" lost
holds "a storm is who lost" "$(grep -q '"in_doubt":.*"comm":"storm","lost":[1-9]' lost.json || tail -n 1 lost.json)"

# What was lost may have been what is looked for.
missing='findings may be missing: [1-9][0-9]* records* w[a-z]* lost'
lossy quiet findings --fail-on high
equals "no finding, but losses: not certain, status 3" $status 3
holds "and says so" "$(grep -q "$missing (.*storm [0-9]*: [0-9]*" quiet.err || cat quiet.err)"
lossy plain findings
equals "without --fail-on, too" $status 3
lossy traced --no-timeline --fail-on high
equals "and as an option of a trace" $status 3
lossy unasked --no-timeline
equals "whoever asks for no findings gets the command's own status" $status 0
lossy audit audit
holds "an audit says what was not seen" "$(grep -q 'Not all was seen: [0-9]* records' audit.out || cat audit.out)"
lossy rec record
again() {
	"$MPROTWATCH" "$@" -i rec.out >again.out 2>again.err
	status=$?
}
again findings --fail-on high
equals "a replay is as certain as the recording" "$status $(grep -c "$missing" again.err)" "3 1"
again audit
holds "and so is an audit of it" "$(grep -q 'Not all was seen: [0-9]* records' again.out || cat again.out)"

lossy drawn
holds "the gap is drawn" "$(grep -q '?' drawn.out || tail -n 30 drawn.out)"
holds "text has a line of the loss" "$(grep -qw lost drawn.out || head -n 30 drawn.out)"
exit $failed

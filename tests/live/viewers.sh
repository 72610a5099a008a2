#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is written for trace viewers is read by others: Perfetto's format by protoc, Chrome's
# by Python; and it tells what happened.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

# perfetto_holds TEST FILE SENTENCE...: it is read, and all of these are in it.
perfetto_holds() {
	local wanted

	if ! command -v protoc >/dev/null; then
		skip "$1" "protoc is not installed"
		return
	fi
	decode "$2" >text
	holds "$1" "$(
		for wanted in "${@:3}"; do grep -qF "$wanted" text || echo "no $wanted"; done
		grep -E '^ *[0-9]+[:{ ]' text # a field without a name
	)"
}

decode() {
	protoc --decode pf.Trace -I "$top/user/sink/tracks" perfetto.proto <"$1" 2>&1
}

# chrome_holds TEST FILE: each slice has a track with a name, none overlaps another, and
# flip's page was writable, then executable.
chrome_holds() {
	holds "$1" "$(
		python3 - "$2" 2>&1 <<-'END'
			import collections, json, sys
			trace = json.load(open(sys.argv[1]), parse_float=str)
			ns = lambda us: int(us.replace(".", ""))
			tracks, slices, names = set(), collections.defaultdict(list), collections.Counter()
			for e in trace["traceEvents"]:
			    names[e["ph"], e["name"]] += 1
			    if e["ph"] == "M" and e["name"] == "thread_name":
			        tracks.add((e["pid"], e["tid"]))
			    if e["ph"] == "X":
			        slices[e["pid"], e["tid"]].append((ns(e["ts"]), ns(e["ts"]) + ns(e["dur"]), e["name"], e["args"]))
			assert slices and set(slices) == tracks, set(slices) ^ tracks
			for track in slices.values():
			    for (_, end, _, _), (start, _, _, _) in zip(track, track[1:]):
			        assert start >= end, track
			flips = [t for t in slices.values() if {"rw-", "r-x"} <= {s[2] for s in t} and any(s[3]["by"] == "mprotect" for s in t)]
			assert flips, "no track is writable, then executable"
			assert any("caller" in s[3] and s[3]["range"] for s in flips[0]), flips[0]
			for wanted in (("i", "exec"), ("i", "exit"), ("C", "heap"), ("C", "mapped"), ("M", "process_name")):
			    assert names[wanted], wanted
		END
	)"
}

"$MPROTWATCH" timeline -q --chrome live.json -- "$workloads/flip" >out 2>err
equals "a live trace is written for Chrome" "$? $(cat err)" "0 "
chrome_holds "and is a trace as Chrome's format has it" live.json
"$MPROTWATCH" timeline -q --perfetto live.pf -- "$workloads/flip" >out 2>err
equals "a live trace is written for Perfetto" "$? $(cat err)" "0 "
perfetto_holds "and is a trace as Perfetto's format has it" live.pf \
	'name: "exec"' 'primary_trace_clock: BOOTTIME' 'type: SLICE_END' 'unit: UNIT_SIZE_BYTES'

"$MPROTWATCH" record -q -o names.rec -- sh -c "'$workloads/flip'; '$workloads/names'" >out 2>err
"$MPROTWATCH" timeline -q --severity info -i names.rec --perfetto names.pf 2>err
equals "so is a recording" "$? $(cat err)" "0 "
perfetto_holds "with what was found" names.pf 'categories: "finding"' 'name: "why"'
holds "and names in it can do no harm" "$(LC_ALL=C grep -c $'\e\\[' names.pf | grep -v '^0$')"
"$MPROTWATCH" timeline -q -i names.rec --chrome names.json 2>err
chrome_holds "and for Chrome, too" names.json
"$MPROTWATCH" timeline -i names.rec --chrome a --perfetto b 2>err
equals "one file at a time" $? 2
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Travel in time: "maps --at" of a recording is what /proc/<pid>/maps said at that time.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

maps() {
	"$MPROTWATCH" maps --plain -i travel.rec -p "$workload" "$@" 2>err
}

# The kernel keeps some neighbours apart that are alike; [vsyscall] is no mapping of a process.
joined() {
	python3 - "$1" <<-'END'
		import sys
		out = []
		for line in open(sys.argv[1]):
		    if "[vsyscall]" in line:
		        continue
		    (start, end), rest = line.split()[0].split("-"), line.split(" ", 1)[1]
		    prot, off, file = rest.split(" ", 2)
		    if out and out[-1][1] == start and out[-1][2] == prot and out[-1][4] == file and (
		            file.startswith("00:00 0 ") or
		            int(off, 16) == int(out[-1][3], 16) + int(start, 16) - int(out[-1][0], 16)):
		        out[-1][1] = end
		    else:
		        out.append([start, end, prot, off, file])
		print("".join(f"{s}-{e} {p} {o} {f}" for s, e, p, o, f in out), end="")
	END
}

# What is mapped after step N, and when that was
note() {
	sleep 0.05
	cp "/proc/$workload/maps" "$1.maps"
	date -u +%Y-%m-%dT%H:%M:%S.%NZ >"$1.time"
	sleep 0.05
}

steps_start steps
"$MPROTWATCH" record --verify -o travel.rec -p "$workload" >out 2>err </dev/null &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' err
note 0
for n in 1 2 3; do
	step $n
	note $n
done
"$MPROTWATCH" maps --plain -p "$workload" >now
holds "without a recording: as it is now" "$(joined 3.maps | diff - now)"
stop

for n in 0 1 2 3; do
	maps --at "$(cat $n.time)" >$n.was
	holds "as it was after step $n" "$(cat err; joined $n.maps | diff - $n.was)"
done
maps >end
holds "without a moment: as it was at the end" "$(diff 3.was end)"
time=$(cat 1.time)
maps --utc --at "${time:11:18}" >was
holds "a time of day" "$(cat err; diff 1.was was)"
maps --at '+0' >was
equals "the very start comes before all that is known" "$(wc -l <was) $(wc -l <err)" "0 1"
maps --at '+1h' >was
equals "a moment behind the end is refused" "$? $(grep -c 'does not hold that moment' err)" "1 1"
maps --at 'noon' >was
equals "what is no moment is wrong usage" "$? $(grep -c "not a moment: 'noon'" err)" "2 1"

last=$(sqlite3 travel.rec 'SELECT max(id) FROM changes' 2>/dev/null)
if [[ $last ]]; then
	maps --at "#$last" >was
	holds "a change by its number" "$(diff 3.was was)"
	maps --at "#$((last + 1000000))" >was
	equals "a change that never was" "$? $(wc -l <err)" "1 1"
fi

maps --at "$(cat 1.time)" --diff "$(cat 2.time)" >differing
holds "what differs leads from one to the other" "$(
	python3 - 1.was 2.was differing 2>&1 <<-'END'
		import os, sys
		def pages(lines):
		    all = {}
		    for line in lines:
		        ends, rest = line.split(" ", 1)
		        start, end = (int(x, 16) for x in ends.split("-"))
		        prot, off, file = rest.split(" ", 2)
		        for at in range(start, end, os.sysconf("SC_PAGESIZE")):
		            moved = 0 if file.startswith("00:00 0 ") else at - start
		            all[at] = prot, int(off, 16) + moved, file
		    return all
		one, two = (pages(open(f)) for f in sys.argv[1:3])
		lines = open(sys.argv[3]).readlines()
		for at, what in pages(l[1:] for l in lines if l[0] == "-").items():
		    assert one.pop(at) == what, hex(at)
		for at, what in pages(l[1:] for l in lines if l[0] == "+").items():
		    assert at not in one, hex(at)
		    one[at] = what
		assert one == two and lines
	END
)"
maps --at "$(cat 1.time)" --diff "$(cat 1.time)" >differing
equals "a moment does not differ from itself" "$(wc -l <differing)" 0
"$MPROTWATCH" maps -i travel.rec -p 4194303 2>err
equals "a process that is not in it" "$? $(wc -l <err)" "1 1"
steps_end
exit $failed

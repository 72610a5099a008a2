#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who is traced, and what is shown.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# Processes in a run's JSON, by name.
names() {
	"$check" values comm "$1.json" | sort -u | tr '\n' ' '
}
events() {
	"$check" values event "$1.json" | sort -u | tr '\n' ' '
}

nobody=$(id -u nobody)
mkdir -m 777 theirs
cd theirs || exit 1
start ../user -u nobody
setpriv --reuid="$nobody" --regid=65534 --clear-groups "$workloads/heap" >../user.expect
"$workloads/map" >/dev/null
stop
cd .. || exit 1
as_told user "-u: a process of the user is seen" "${best[@]}"
equals "-u: no other is" "$("$check" values uid user.json | sort -u)" "$nobody"

start comm -n 'he?p'
"$workloads/heap" >comm.expect
"$workloads/map" >/dev/null
stop
as_told comm "-n: a process of that name is seen" "${best[@]}"
equals "-n: no other is" "$(names comm)" "heap "

# Several names and users are alternatives; one that nobody has is no silence.
start several -n 'no-such,ma?' -n heap -u "root,$nobody"
"$workloads/heap" >several.expect
"$workloads/map" >/dev/null
"$workloads/protect" >/dev/null 2>&1
stop
equals "-n and -u with lists: those are seen, and no other" "$(names several)" "heap map "
holds "it is said that no process has the name now" "$(grep -q 'no process matches now' several.err || cat several.err)"

# Who is another after an exec is not traced any more: a mirror that stayed would differ by now.
cp "$BASH" mpw-leaver
start leave -n mpw-leaver --verify
./mpw-leaver -c 'sleep 60 & echo $! >leaver.pid; wait' &
started+=($!)
wait_until test -s leaver.pid
wait_until grep -qsw sleep "/proc/$(cat leaver.pid)/comm"
started+=("$(cat leaver.pid)")
stop
holds "-n: one that execs something else is left" "$("$check" verified leave.json 2>&1)"
# That is no end: the recording must not say that it was one, and how it went.
"$MPROTWATCH" record -o left.rec -n mpw-leaver >/dev/null 2>left.err &
tracer=$!
started+=($!)
wait_until grep -qs 'mprotwatch: tracing' left.err
./mpw-leaver -c 'exec sleep 0.1'
./mpw-leaver -c 'exit 3'
stop
equals "-n: the end of one that is left is not seen" "$("$MPROTWATCH" query --csv -i left.rec \
	"SELECT status, signal FROM processes WHERE exit_ns ORDER BY first_ns" | tr -d '\r"')" \
	$'status,signal\n,\n3,0'

steps_start late
start late -n 'mpw-*'
step 1
stop
told late READY late
as_told late "-n: a process that ran before is seen"
steps_end

root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [[ $root ]] && mkdir -p "$root/mpw-test.$$/below" 2>/dev/null; then
	start cgroup -c "$root/mpw-test.$$"
	bash -c "echo \$\$ >'$root/mpw-test.$$/below/cgroup.procs'; exec '$workloads/heap'" >cgroup.expect
	"$workloads/map" >/dev/null
	stop
	as_told cgroup "-c: a process in the cgroup is seen" "${best[@]}"
	holds "-c: no other is" "$("$check" values comm cgroup.json | grep -vxE 'heap|bash' | sort -u)"
	rmdir "$root/mpw-test.$$/below" "$root/mpw-test.$$"
else
	skip "-c" "no cgroup2 file system that can be written is mounted"
fi

trace only -e mprotect -- "$workloads/protect"
# Changes that a snapshot found are always told, since nobody knows which call made them; so are findings.
equals "-e: only what was asked for" "$(events only | sed 's/\(change\|finding\) //g')" "mprotect "
trace without -e '!mprotect,!mmap' -- "$workloads/protect"
holds "-e !x: all but that" "$(events without | grep -wE 'mprotect|mmap')"
trace failed -x -- "$workloads/protect"
holds "-x: failed calls" "$("$check" calls --failed "${best[@]}" failed.expect failed.json 2>&1)"
holds "-x: no others" "$("$check" values event,errno failed.json | grep ',none$' | grep -vxE '(change|finding),none')"

trace max --max-events 3 -e mmap,mprotect -- "$workloads/protect"
equals "--max-events: so many" "$("$check" values event,ts_ns max.json | uniq | wc -l)" 3

trace family -- bash -c "'$workloads/heap'; '$workloads/seal' >/dev/null; true"
holds "children of a command are followed" "$(names family | grep -qw heap && names family | grep -qw seal || names family)"
as_told family "a child of a command is seen as it was" "${best[@]}"
trace alone --no-follow -- bash -c "'$workloads/heap'; true"
equals "--no-follow: they are not" "$(names alone)" "bash "
exit $failed

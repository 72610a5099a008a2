#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Attaching to what runs already: its earlier mappings are known, however often one comes and goes.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

steps_start one
start first -p "$workload"
step 1
step 2
stop
told one READY first
as_told first "a process that ran before is known"
equals "the tracer ends well" $status 0

# Once more, to the same process: what it did meanwhile is known as well.
step 3
start again -p "$workload"
step 4
step 5
stop
told one "STEP 3" again
as_told again "a second attach finds what happened in between"

# Coming and going while it works.
for i in 6 7 8; do
	start "turn$i" -p "$workload"
	step $i
	stop
	told one "STEP $((i - 1))" "turn$i"
	as_told "turn$i" "attached and detached, turn $((i - 5))"
done
start over -p "$workload"
steps_end
wait_until is_gone "$tracer"
wait "$tracer"
equals "the tracer ends when the process does" $? 0

# Two processes in one run; and two tracers of one process.
steps_start a
fd_a=$steps_fd pid_a=$workload
steps_start b
start both -p "$pid_a,$workload"
tracer_both=$tracer
start b -p "$workload"
step 1
stop
told b READY b
as_told b "one of two tracers sees its process"
steps_fd=$fd_a steps_name=a
step 1
tracer=$tracer_both
stop
told a READY both
as_told both "the first of two processes"
told b READY both
as_told both "the second of two processes"

start tid -t "$pid_a"
step 2
stop
told a "STEP 1" tid
as_told tid "a thread is traced by its number"

# A process that has ended, or is a zombie, is left out with a warning; the others are traced.
bash -c 'true & echo $! >zombie.pid; exec sleep 1000' &
sleeper=$!
started+=("$sleeper")
true &
ended=$!
wait "$ended"
wait_until grep -qs ^sleep "/proc/$sleeper/comm"
zombie=$(cat zombie.pid)
wait_until grep -qs '^State:.*zombie' "/proc/$zombie/status"
start gone -p "$ended,$sleeper,$zombie"
stop
equals "who has ended is no reason not to trace the others" $status 0
equals "it is said who cannot be traced" "$(grep -c 'cannot trace process' gone.err)" 2
holds "the others are traced" "$(grep -q "\"pid\":$sleeper," gone.json || tail gone.err)"
"$MPROTWATCH" -q -p "$ended" >/dev/null 2>none.err
equals "nobody left is an error" $? 1
"$MPROTWATCH" -q -p "$ended,$zombie" >/dev/null 2>none.err
equals "nor is a zombie anybody" $? 1
kill "$sleeper"

# Children of a process that is traced alone share its memory until their exec, and then are
# nobody's business.
mkfifo spawn.in
"$workloads/spawn" <spawn.in >spawn.told &
workload=$!
started+=("$workload")
exec {spawn_fd}>spawn.in
wait_until grep -qs READY spawn.told
start spawn --verify -p "$workload"
echo >&"$spawn_fd"
wait_until grep -qs DONE spawn.told
stop
holds "spawned children leave the mirror as the kernel has it" "$("$check" verified spawn.json 2>&1)"
equals "it is one" "$(sed -n 's/.*verify: \([0-9]* mirrors\? compared\),.*/\1/p' spawn.err)" "1 mirror compared"
exec {spawn_fd}>&-
wait "$workload"
exit $failed

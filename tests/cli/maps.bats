#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# maps: its usage, and processes that run.

bats_require_minimum_version 1.5.0
load lib.bash

@test "maps wants a process, and a recording for moments" {
	mpw maps
	complains 2 "needs a process"
	mpw maps -i x.rec
	complains 2 "needs a process"
	mpw maps -p 4294967296
	complains 2 "needs a process"
	mpw maps -p $$ --at +1s
	complains 2 "need -i FILE"
	mpw maps -p $$ --since +1s
	complains 2 "need -i FILE"
	mpw maps -p $$ --diff +1s
	complains 2 "need -i FILE"
	mpw maps -p $$ word
	complains 2 "no words"
}

@test "addr wants one address, and a process or a recording" {
	mpw addr
	complains 2 "needs one address"
	mpw addr -p $$ 1000 2000
	complains 2 "needs one address"
	for word in 0x xyz 12345678901234567 -1 "1 "; do
		mpw addr -p $$ -- "$word"
		complains 2 "needs one address"
	done
	mpw addr 1000
	complains 2 "needs a process or a recording"
	mpw addr -p 4194303 1000
	complains 1 "process 4194303: no such process"
}

@test "maps of a process that runs has all that /proc/PID/maps has" {
	sleep 60 3>&- &
	sleeper=$!
	until [[ $(readlink "/proc/$sleeper/exe") == */sleep ]]; do sleep 0.05; done
	run --separate-stderr timeout 20 "$MPROTWATCH" maps --plain -p $sleeper
	kernel=$(cat "/proc/$sleeper/maps")
	kill $sleeper
	[ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
	[ -z "$stderr" ]
	python3 - "$output" "$kernel" <<-'END'
		import os, sys
		def pages(text):
		    all = {}
		    for line in text.splitlines():
		        ends, prot, off, rest = line.split(" ", 3)
		        start, end = (int(x, 16) for x in ends.split("-"))
		        for at in range(start, end, os.sysconf("SC_PAGESIZE")) if "[vsyscall]" not in line else ():
		            moved = 0 if rest.startswith("00:00 0 ") else at - start
		            all[at] = prot, int(off, 16) + moved, rest
		    return all
		assert pages(sys.argv[1]) == pages(sys.argv[2])
	END
}

@test "maps says why it can't look at a process" {
	mpw maps -p 4194303
	complains 1 "process 4194303: no such process"
	kthread=$(ps -e -o pid=,ppid= 2>/dev/null | awk '$2 == 2 { print $1; exit }')
	[ "$kthread" ] || skip "no kernel threads are seen here"
	mpw maps -p "$kthread"
	complains 1 "no memory of its own"
}

@test "maps goes wrong when it can't be written" {
	run bash -c '"$0" maps -p $$ >/dev/full' "$MPROTWATCH"
	complains 1 "cannot write 'standard output'"
}

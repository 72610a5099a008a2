#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The audit's usage, and what it says of processes that it can't look at.

bats_require_minimum_version 1.5.0
load lib.bash

@test "an audit of nothing is refused" {
	mpw audit
	complains 2 "what to audit is missing"
	mpw audit --now
	complains 2 "name them with -p"
	mpw audit --now -i x.rec -p 1
	[ "$status" -eq 2 ]
	mpw audit --now --by unit -p 1
	complains 2 "does not ask for units"
	mpw audit --by unti -i x.rec
	complains 2 "--by"
	mpw audit --now -- true
	complains 2 "name them with -p"
}

@test "options that concern lines are none of the audit's" {
	for option in -x --timeline --fail-on=low --max-events=3 -a; do
		mpw audit "$option" -- true
		[ "$status" -eq 2 ] || { echo "$option: $status"; return 1; }
	done
}

@test "audit --now says why it can't look at a process" {
	mpw audit --now -p 4194303
	complains 1 "no such process"
	mpw audit --now -p $$,4194303
	complains 1 "process 4194303: no such process"
	kthread=$(ps -e -o pid=,ppid= 2>/dev/null | awk '$2 == 2 { print $1; exit }')
	[ "$kthread" ] || skip "no kernel threads are seen here"
	mpw audit --now -p "$kthread"
	complains 1 "no memory of its own"
}

@test "audit --now hides nothing from another user but what the kernel hides" {
	needs_root
	command -v setpriv >/dev/null || skip "setpriv is not installed"
	cp "$MPROTWATCH" "$BATS_TEST_TMPDIR/mpw"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/mpw"
	cd /
	run setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/mpw" audit --now -p 1
	complains 1 "hidden from this user"
}

@test "audit --now shows a process, and is not certain where no call was seen" {
	limited --separate-stderr "$MPROTWATCH" audit --now -p $$
	[ "$status" -eq 3 ] || { echo "$output"; return 1; }
	[[ $output != *"MemoryDenyWriteExecute=yes"* ]]
	[[ $output == *"made no call"* ]]
	"$MPROTWATCH" audit -q --now -j -p $$ | python3 -c 'import json, sys
x = json.load(sys.stdin)
assert x["verdict"] == "unsure" and x["states"][0]["modules"], x'
}

@test "an audit goes wrong when it can't be written" {
	run "$MPROTWATCH" audit -q --now -p $$ -o /dev/full
	complains 1 "/dev/full"
}

@test "an audit says that there is no such command, or file" {
	mpw audit -i /nonexistent.rec
	complains 1 "/nonexistent.rec"
	needs_bpf
	limited -127 --separate-stderr "$MPROTWATCH" audit -q -- /nonexistent
	[ -z "$output" ]
}

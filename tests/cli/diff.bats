#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# diff: its usage.

bats_require_minimum_version 1.5.0
load lib.bash

@test "diff wants two recordings or processes" {
	mpw diff
	complains 2 "needs two recordings, or two processes"
	mpw diff a.rec
	complains 2 "needs two recordings, or two processes"
	mpw diff a b c
	complains 2 "needs two recordings, or two processes"
	mpw diff -i a.rec b.rec 1
	complains 2 "by number"
	mpw diff --at +1s $$ $$
	complains 2 "a process runs now"
	mpw diff /nowhere/a.rec /nowhere/b.rec
	complains 1 "cannot read the recording '/nowhere/a.rec'"
	mpw diff 4194303 $$
	complains 1 "process 4194303: no such process"
}

@test "diff goes wrong when it can't be written" {
	run bash -c '"$0" diff --all $$ $$ >/dev/full' "$MPROTWATCH"
	complains 1 "cannot write 'standard output'"
}

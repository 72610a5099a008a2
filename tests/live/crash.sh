#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Each kind of crash has its cause in one sentence, in both tiers, and to the byte on replay.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# record_act RUN ACT OPTION...: into RUN.rec. The kernel may be unable to look at the mapped file at that
# moment (bpf_find_vma() with interrupts off, after another program's on this CPU), which is said: then
# it is done again.
record_act() {
	local run=$1 act=$2

	for _ in 1 2 3 4 5; do
		"$MPROTWATCH" record --force -o "$run.rec" "${@:3}" -- "$workloads/crash" "$act" >"$run.out" 2>"$run.err"
		"$MPROTWATCH" findings -q -i "$run.rec" 2>/dev/null | grep -q 'or could not read it' || break
	done
}

# act NAME PATTERN: the workload's act ends by what the finding of medium severity says.
act() {
	local run=$1-$tier

	record_act "$run" "$1" --tier="$tier"
	if grep -q SKIP "$run.out"; then
		skip "$1 ($tier)" "$(sed -n 's/^SKIP //p' "$run.out")"
		return
	fi
	if ! has_truth && grep -q 'memory of 1 process was not known' "$run.err"; then
		skip "$1 ($tier)" "what was mapped came to be known too late"
		return
	fi
	"$MPROTWATCH" findings -q -i "$run.rec" >"$run.txt" 2>&1
	holds "$1 is explained ($tier)" "$(grep -E "MEDIUM fault: $2" "$run.txt" >/dev/null || cat "$run.txt" "$run.err")"
	grep -q 'fault: [0-9]* times' "$run.txt" && holds "$1 is counted once ($tier)" "$(grep times "$run.txt")"
}

for tier in "${tiers[@]}"; do
	site='crash\+0x[0-9a-f]+'
	ago='[0-9.]+ [mun]?s before by [^ ]+'
	# an access, and its end
	ended="(write to|read of|execution of) [0-9a-f]+( in [^ ]+( \(deleted\))?( \[mnt:[0-9]+\])? \(...\))? by [^ ]+ ended the process"
	caught="write to [0-9a-f]+8 in \[anon\] \(r--\) by $site was caught as SIGSEGV, and ended the process [0-9.]+ [mun]?s later"
	made="made r-- \(rw- before\) $ago"

	act abort "$caught with SIGABRT: $made"
	act trap "$caught with SIG(ILL|TRAP): $made"
	act exit "$caught with exit status 2: $made"
	act raise "$caught with SIGSEGV: $made"
	act default "$ended after a handler had caught it: $made"
	act unhandled "$ended, whose handler had no stack to run on: stack overflow: \[stack\] has reached RLIMIT_STACK \(1M\)"
	act stack "$ended: stack overflow: \[stack\] has reached RLIMIT_STACK \(1M\)"
	act thread "$ended: stack overflow: thread crash [0-9]+ ran into the guard \([0-9]+K\) below its stack of (1M|10[0-9]+K), mapped $ago, in thread [0-9]+"
	act guard "$ended: 1 byte below the start of .* a guard region \(MADV_GUARD_INSTALL\), made $ago"
	act fence "$ended: 3 bytes behind the end of [0-9]+K of \[anon\] \(rw-\): never was writable: mapped --- $ago"
	act heap "$ended: nothing is mapped there, .*: 5 bytes behind the end of [0-9]+K of \[heap\]"
	act null "write to 10 by $site ended the process: a pointer that is NULL"
	act nullcall "execution of 0 by $site ended the process: a pointer that is NULL"
	act wild "write to 7000000000 by $site ended the process: nothing is mapped there"
	if [[ $(uname -m) == x86_64 ]]; then
		act bad "access to an address that the processor did not tell by $site ended the process: a bad pointer: 4141414141414141 is no address"
	fi
	act const "$ended: never was writable: mapped r-- (by exec|[0-9.]+ [mun]?s before)"
	act free "$ended: 1028K of \[anon\] was unmapped there $ago"
	act dlclose "execution of [0-9a-f]+ by $site ended the process: [0-9]+K of .*/libm.so.6 was unmapped there $ago"
	act reused "$ended: never was writable: mapped r-- $ago; 16K of \\[anon\\] was unmapped there $ago"
	act moved "$ended: [0-9]+K of \[anon\] was moved away from there to [0-9a-f]+ $ago"
	act carried "$ended: $made, and moved there by mremap since"
	act dontfork "$ended: [0-9]+K of \[anon\] was left out of the fork: made MADV_DONTFORK $ago, in the parent [0-9]+ before the fork"
	act short "$ended with SIGBUS: the file is shorter than its mapping: it had 100 bytes, and the page is at 65536"
	act full "$ended with SIGBUS: its file system \(tmpfs\) had no room for the page"
	act huge "$ended with SIGBUS: no huge page was left for it"
	act nomem "write to 0 by $site ended the process: a pointer that is NULL: mmap of 25[67]M to rw- was refused with ENOMEM \([a-z -]+\) $ago"
	act refused "$ended: mprotect of [0-9]+K to rw- was refused with EACCES \([a-z -]+\) $ago; never was writable: mapped r-- $ago"
	act data "execution of [0-9a-f]+ in \[anon\] \(rw-\) by $site ended the process: never was executable: mapped rw- $ago"
	act pkey "$ended: protection key [0-9]+ forbids it, which the memory got $ago"
	act execonly "$ended: it may be executed, and not read"
	act shared "$ended: $made, in process [0-9]+, which shares the memory"
	act parent "$ended: $made, in the parent [0-9]+ before the fork"
	act killed "SIGBUS ended the process: sent by crash [0-9]+"

	run=assert-$tier
	"$MPROTWATCH" -j --no-timeline -o "$run.json" --tier="$tier" -- "$workloads/crash" assert >/dev/null 2>"$run.err"
	equals "an abort that memory has nothing to do with is an event alone ($tier)" \
		"$("$check" values type,signal "$run.json" | grep ^fault)" "fault,SIGABRT"
	equals "and no finding ($tier)" "$(grep -o '"rule":"fault"' "$run.json")" ""
done

# A recording says all that the live stream did.
for how in text json; do
	options=()
	[[ $how == json ]] && options=(-j)
	"$MPROTWATCH" record -v "${options[@]}" -k -o "$how.rec" -- "$workloads/crash" abort >"$how.live" 2>"$how.err"
	"$MPROTWATCH" -q "${options[@]}" -k -i "$how.rec" >"$how.again"
	holds "a replay says the same, with the stack ($how)" "$(diff "$how.live" "$how.again")"
done
holds "the stack of the fault is there" "$(grep -E '^ +act_abort' text.again >/dev/null || cat text.again)"
"$MPROTWATCH" -q --no-timeline -k -e fault -- "$workloads/crash" nullcall >jump 2>jump.err
holds "who jumped to nowhere is on the stack" "$(grep -E '^ +act_nullcall|^ +jump' jump >/dev/null || cat jump)"
record_act sql short -k
equals "SQL has faults" "$("$MPROTWATCH" query --csv -i sql.rec "SELECT signal, code, handled, access, prot,
	offset / $(getconf PAGESIZE) AS page, file_bytes FROM faults" 2>>sql.err | tail -n 1 | tr -d '"\r')" "SIGBUS,2,0,write,rw-s,16,100"
equals "with their stacks" "$("$MPROTWATCH" query --csv -i sql.rec "SELECT count(*) > 1 FROM faults JOIN stacks
	USING (stack) WHERE symbol LIKE '%act_short%' OR symbol LIKE 'main+%'" 2>>sql.err | tail -n 1 | tr -d '\r')" 1
exit $failed

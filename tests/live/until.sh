#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A trace that ends by a finding, while what is traced runs on; and traces of which a part is shown.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# run OPTION...: a command that goes on after its finding, for longer than anybody waits.
run() {
	rm -f pid
	limited "$MPROTWATCH" "$@" -- sh -c "echo \$\$ >pid; \"$workloads/flip\"; exec sleep 1000" >out 2>err
	status=$?
	[[ ! -s pid ]] || kill "$(cat pid)"
}

limited() {
	timeout "$((60 * slow))" "$@"
}

for tier in "${tiers[@]}"; do
	run --tier="$tier" -j --verify --strict --until w-to-x
	equals "$tier: it ends well" "$status $(grep -c 'which --until waits for' err)" "0 1"
	holds "$tier: what made the finding was shown" "$(grep '"type":"change"' out | grep -q '"rw-".*"r-x"' || tail -n 3 out)"
	holds "$tier: the command runs on" "$(grep -q 'the command runs on' err || cat err)"
	holds "$tier: and its mirror is whole" "$(grep -q ' 0 differing' err || cat err)"
	run --tier="$tier" --no-timeline --no-header --until w-to-x+10ms --prot x --severity high
	holds "$tier: only such changes are shown" "$(awk '{ print $4 }' out | grep -v '^mmap$\|^mprotect$\|^munmap$')"
	holds "$tier: and they are" "$(grep -q 'rw- -> r-x' out || cat out err)"
	holds "$tier: but all is counted" "$(grep -qE ' [0-9]{2,} changes' err || cat err)"
done

# A program among others: the shell is traced as well, and not shown.
for tier in "${tiers[@]}"; do
	"$MPROTWATCH" --tier="$tier" --verify --strict --no-timeline --no-header --exe flip -- \
		sh -c "\"$workloads/flip\"; ls / >/dev/null; :" >out 2>err
	equals "$tier: a program among others is shown" "$? $(awk '{ print $2 }' out | sort -u)" "0 flip"
	holds "$tier: from its exec to its end" "$(grep -q ' exec ' out && grep -q ' exit ' out || cat out)"
	holds "$tier: and is counted alone" "$(grep -q '1 process,' err || cat err)"
done
"$MPROTWATCH" --no-timeline --exe /nowhere/flip -- "$workloads/flip" >out 2>err
equals "a program that nobody runs" "$(wc -l <out) $(grep -c 'no process ran such a program' err)" "0 1"
"$MPROTWATCH" record -q -o among.rec --exe flip -- sh -c "\"$workloads/flip\"; :"
equals "a recording shows that program, too" "$("$MPROTWATCH" -q -i among.rec -j | grep '"type":"exit"' |
	grep -o '"comm":"[a-z]*"')" '"comm":"flip"'

run record -q -o it.rec --until wx --map /nowhere -d $((5 * slow))
equals "what is shown by nobody ends nothing" "$status $(grep -c 'waits for' err)" "0 0"
holds "and all is recorded" "$("$MPROTWATCH" findings -q -i it.rec | grep -q ' wx: ' || "$MPROTWATCH" info -i it.rec)"

run --since +1h --no-timeline -d $((5 * slow))
equals "nothing is shown before the time has come" "$(wc -l <out) $(grep -cE ' [1-9][0-9]* changes' err)" "0 1"
run --at +1s --no-timeline
holds "the end can be a moment" "$(grep -q 'the command runs on' err || cat err)"
run --since 1970-01-01T00:00:00Z
equals "which has not passed" "$status $(grep -c 'has passed' err)" "2 1"
exit $failed

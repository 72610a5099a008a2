#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The whole machine: many short processes, none missed, and a workload among them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

start all -a
for ((i = 0; i < 200; i++)); do
	/bin/true
done
"$workloads/heap" >all.expect
stop
equals "it ends well" $status 0
as_told all "a process among all is seen as it was" "${best[@]}"
nr=$("$check" values event,comm all.json | grep -cx 'exec,true')
holds "each of 200 quick processes has its exec" "$( ((nr >= 200)) || echo "$nr have")"
nr=$("$check" values event,comm all.json | grep -cx 'exit,true')
holds "and its end" "$( ((nr >= 200)) || echo "$nr have")"
holds "the tracer does not trace itself" "$("$check" values pid all.json | grep -x "$tracer" | sort -u)"

start leave -n leave
"$workloads/leave" 300
stop
holds "threads that leave together end their process once" \
	"$("$check" values event,pid leave.json | grep ^exit, | sort | uniq -d)"

start nobody -u 65533
/bin/true
stop
holds "-u, -n and -c: what does not match is not looked at" "$(grep '^mprotwatch: 0 processes' nobody.err >/dev/null || cat nobody.err)"

(for ((i = 0; i < 25; i++)); do
	sleep 0.2
	/bin/true
done) &
if has_truth; then
	holds "where the kernel can read mappings back, it does" "$(grep -q ' (truth tier)' all.err || cat all.err)"
fi

# Where pid 1 does not let itself be read, by root: it is passed over, and refused by name.
if ! cat /proc/1/maps >/dev/null 2>&1; then
	"$MPROTWATCH" -q -a --tier=inference -d 0.2 >hidden.out 2>hidden.err
	equals "a process that can't be read is passed over" $? 0
	"$MPROTWATCH" -q -p 1 -d 0.2 >hidden.out 2>hidden.err
	equals "one that is named is refused" $? 1
	holds "with a reason" "$(grep "the kernel keeps it hidden" hidden.err >/dev/null || cat hidden.err)"
fi

"$MPROTWATCH" -q -a -d 3 >out 2>err
equals "-d ends it" $? 0
holds "and it had something to show" "$([[ -s out ]] || echo nothing)"

# Not every process may be looked at, not even by root.
"$MPROTWATCH" -q -a -d 1 --tier=inference -o /dev/null 2>err
equals "the whole machine is inferred, too" "$? $(complaints err)" "0 "
exit $failed

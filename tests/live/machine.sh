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
as_told all "a process among all is seen as it was"
nr=$("$check" values event,comm all.json | grep -cx 'exec,true')
holds "each of 200 quick processes has its exec" "$( ((nr >= 200)) || echo "$nr have")"
nr=$("$check" values event,comm all.json | grep -cx 'exit,true')
holds "and its end" "$( ((nr >= 200)) || echo "$nr have")"
holds "the tracer does not trace itself" "$("$check" values pid all.json | grep -x "$tracer" | sort -u)"

(for ((i = 0; i < 25; i++)); do
	sleep 0.2
	/bin/true
done) &
if has_truth; then
	holds "where the kernel can read mappings back, it does" "$(grep -v ' (truth tier)' all.err | grep -v lost)"
fi

"$MPROTWATCH" -q -a -d 3 >out 2>err
equals "-d ends it" $? 0
holds "and it had something to show" "$([[ -s out ]] || echo nothing)"
exit $failed

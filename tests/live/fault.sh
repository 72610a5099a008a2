#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A crash is explained: which right was missing, and who took it away; also in a child, and where
# the process has a handler.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# act NAME [STATUS]: run it; its findings of the rule go to $found
act() {
	trace "$1" --severity info -- "$workloads/fault" "$1"
	equals "$1 ends as without a tracer" $status "${2:-139}"
	found=$(grep '"rule":"fault"' "$1.json" | grep '"state":"new"')
	as_schema "$1 gives JSON as its schema has it" "$1"
}

# says TEST PATTERN: the findings do
says() {
	holds "$1" "$(grep -E "$2" <<<"$found" >/dev/null || echo "$found")"
}

site='fault\+0x[0-9a-f]+' had='\((rw-|r-x) before\) '
made='made r--'
has_truth || { # what was mapped came too late
	site='(fault\+0x|libc\.so\.6\+0x|unknown code at 0x)[0-9a-f]+' had='(\((rw-|r-x) before\) )?' made='made r-[-x]'
}
ago="[0-9.]+ [mun]?s before by $site"
act write
says "the last change that took W is named" \
	"write to [0-9a-f]+8 in \[anon\] \(r-x\) by $site ended the process: $made $had$ago"
says "it is of medium severity" '"severity":"medium"'
equals "the event says the same" "$("$check" values type,access,handled,code write.json | grep ^fault)" "fault,write,False,2"
act exec
says "the right to run, too" "execution of [0-9a-f]+ in \[anon\] \(r--\).* ended the process: $made $had$ago"
act unmap
says "what was unmapped is named" "read of [0-9a-f]+ by $site ended the process: [0-9]+K of \[anon\] was unmapped there $ago"
act never
says "where nobody took it, who mapped it so is named" \
	"ended the process: .*never was writable: mapped r-- $ago"
act wild
says "a pointer that is NULL is named as one" "write to 10 by $site ended the process: a pointer that is NULL"
equals "the event has its address" "$("$check" values type,address wild.json | grep ^fault)" "fault,0x10"
act sent
says "a signal that was sent is no access" "SIGSEGV ended the process: sent by itself"
equals "the event says how it was sent" "$("$check" values type,signal,code sent.json | grep ^fault)" "fault,SIGSEGV,-6"
act handled 0
says "one that is caught is for information" '"severity":"info".*was caught as SIGSEGV: '"$made $had$ago"
equals "and counted" "$(grep '"state":"over"' handled.json | grep -o '"changes":8')" '"changes":8'
act child 0
says "a child knows what its parent did" "$made $had$ago"

"$MPROTWATCH" -q --no-timeline -e fault -- "$workloads/fault" write >text 2>err
holds "text has a line of it" "$(grep -E ' fault .*SIGSEGV, fatal: write to [0-9a-f]+8 in .anon. .r-x. by fault[+]0x' text >/dev/null || cat text)"
"$MPROTWATCH" record -v -o rec -- "$workloads/fault" write >live 2>err
"$MPROTWATCH" -q -i rec >again
holds "a replay says the same" "$(diff live again)"
exit $failed

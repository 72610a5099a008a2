#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A traced command: its status, its output, its signals are its own.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

status_of() {
	local status=0

	timeout $((20 * slow)) "$MPROTWATCH" -q -o /dev/null "$@" >out 2>err </dev/null || status=$?
	((status != 124)) || echo "no end within $((20 * slow)) s; it said: $(cat out err)"
	echo $status
}

equals "status 0 is passed on" "$(status_of -- true)" 0
equals "status 3 is passed on" "$(status_of -- sh -c 'exit 3')" 3
equals "status 255 is passed on" "$(status_of -- sh -c 'exit 255')" 255
equals "death by a signal is 128 + its number" "$(status_of -- sh -c 'kill -TERM $$')" 143
equals "death by SIGKILL as well" "$(status_of -- sh -c 'kill -KILL $$')" 137
equals "a command that is not there is 127" "$(status_of -- ./nowhere)" 127
holds "and that is said" "$(grep -qi 'no such file' err || cat err)"
: >plain
equals "one that cannot be run is 126" "$(status_of -- ./plain)" 126
holds "and that is said" "$(grep -qi 'permission denied' err || cat err)"
equals "a directory as well" "$(status_of -- /tmp)" 126
equals "an own failure is 125" "$(status_of -o /nowhere/at/all -- true)" 125

"$MPROTWATCH" -q -o data -- sh -c 'cat; echo to stderr >&2' <<<"to stdout" >out 2>err
equals "stdin and stdout are the command's" "$(cat out)" "to stdout"
equals "stderr as well" "$(cat err)" "to stderr"
holds "the text has a line of its exec" "$(grep -q exec data || head data)"

# Ctrl-C goes to both. Here the tracer alone is ended, which leaves the command be.
"$MPROTWATCH" record -q -o left.rec -- sh -c 'echo $$ >pid; exec sleep 60' 2>err &
tracer=$!
wait_until [ -s pid ]
kill -TERM $tracer
wait $tracer
equals "interrupted, with the command still running: its status is not known" $? 3
holds "and that is said" "$(grep -q "the command runs on, as process $(<pid)" err || cat err)"
holds "in the recording, too" "$("$MPROTWATCH" info -i left.rec | grep '^end' | grep -v "left while the command ran on, as process $(<pid)$")"
holds "and it goes on running" "$(kill "$(cat pid)" 2>&1)"
"$MPROTWATCH" -q -d 100ms -o data -- sh -c 'echo $$ >pid; exec sleep 60' 2>err
equals "a command is left when the time is up" "$? $(grep -c 'the command runs on' err)" "0 1"
kill "$(<pid)"

# A daemon that outlives its parent doesn't hold the tracer.
equals "a child left behind does not hold it" "$(status_of -- sh -c 'sleep 4 >/dev/null 2>&1 & exit 5')" 5
exit $failed

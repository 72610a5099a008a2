#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Those who flood the rings lose their own records, and nobody else's: neither to other users' nor to
# the same user's processes.
#
# Runs alone: other load would decide what is lost.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

flooders=8 quiet=20
chmod 755 .
cp "$workloads/storm" "$workloads/quiet" .

as() {
	local uid=$1

	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}

if ! as 65533 ./quiet 0 >/dev/null 2>&1; then
	skip "a flood" "setpriv cannot change the user here, or nobody else may run programs in $PWD"
	exit $failed
fi

# flood NAME UID: users that nobody else has are traced. The tracer is stopped until all is written,
# so that a fast one does not keep up with the flood.
flood() {
	local name=$1 uid=$2 i pids=()

	start "$name" -u 65533 -u 65532 --ring-size 1M
	as 65533 ./quiet 1 >/dev/null # it traces when it has read what is mapped on this machine
	wait_until grep -qs '"comm":"quiet"' "$name.json"
	kill -STOP "$tracer"
	for ((i = 0; i < flooders; i++)); do
		as "$uid" ./storm 20000x >/dev/null &
		pids+=($!)
	done
	sleep 0.3
	as 65533 ./quiet $quiet >/dev/null
	wait "${pids[@]}"
	kill -CONT "$tracer"
	stop
	holds "the flood loses records ($name)" "$(grep '"type":"loss"' "$name.json" >/dev/null || tail -n 1 "$name.json")"
	holds "that are more than its share ($name)" "$(grep '"over_share":[1-9]' "$name.json" >/dev/null || tail -n 1 "$name.json")"
	holds "and is said to ($name)" "$(grep 'storm writes more than its share' "$name.err" >/dev/null || cat "$name.err")"
	equals "whoever writes little loses nothing ($name)" \
		"$(grep -c '"comm":"quiet","call":{"name":"mmap","args":\["0x0","0x1000","0x7"' "$name.json")" $((quiet + 1))
	equals "nor the end of a process ($name)" \
		"$("$check" values event,comm "$name.json" | grep -cx 'exit,quiet')" $((quiet + 3))
}

flood same 65533
flood other 65532
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A file system may never answer whoever reads a file of it. Nobody but the reader's worker
# waits: all else goes on, ends in time, and says so.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
command -v setpriv >/dev/null || refuse "setpriv is not installed"
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# silent HOW COMMAND...: the workload, once it is armed, in $silent; false: not here, $why has it.
silent() {
	"${@:2}" >"$1.says" 2>"$1.why" &
	silent=$!
	started+=("$silent")
	wait_until grep -qsE . "$1.says" "$1.why" >/dev/null
	why="no such thing can be made here: $(cat "$1.why")"
	grep -qs armed "$1.says"
}

# ends TEST NAME OPTION...: mprotwatch with them ends by itself, with stderr in NAME.err. Where it
# hangs, it can't be killed: so it is not waited for.
ends() {
	"$MPROTWATCH" "${@:3}" >"$2.out" 2>"$2.err" </dev/null &
	started+=($!)
	holds "$1" "$(wait_until is_gone $!)"
}

# not_read TEST NAME WHAT: that WHAT could not be read was said.
not_read() {
	holds "$1" "$(grep -q "^mprotwatch: cannot read $3 of process $silent: its file system does not answer" "$2.err" ||
		{ echo "it says:" && cat "$2.err"; })"
}

# asked TEST HOW: somebody waits for the workload.
asked() {
	holds "$1" "$(grep -q asked "$2.says" || { echo "it says:" && cat "$2.says"; })"
}

# is_over: the silence is over, and with it whoever waited.
is_over() {
	read -ra fs <"/proc/$silent/task/$silent/children" # the file system first: the other may wait for it
	((${#fs[@]})) && kill -KILL "${fs[@]}"
	kill -KILL "$silent"
	wait "$silent" 2>/dev/null
}

mknod fuse c 10 229 2>/dev/null && chmod 666 fuse
if silent code "${as_nobody[@]}" "$workloads/silent" code "$scratch/fuse"; then
	ends "with a file that does not answer, a recording of all ends" rec record --force -o rec -d 1
	asked "it was asked for" code
	not_read "which it says" rec /tmp/f
	ends "and so does a trace with stacks" stacks -k -a --no-timeline -d 1 -o stacks.text
	not_read "which says so, too" stacks /tmp/f
	ends "and an audit" audit audit --now -p "$silent"
	not_read "which says so as well" audit /tmp/f
	holds "where it has the other files" "$(grep -qE 'RELRO .*1 not known, .*read-only' audit.out || { echo "it has:" && cat audit.out; })"

	"$MPROTWATCH" record --force -q -o rec -- "$workloads/flip" >out 2>err
	holds "others' builds are known meanwhile" "$("$MPROTWATCH" query -i rec --csv \
		"SELECT 1 FROM files WHERE path LIKE '%/flip' AND build_id IS NOT NULL" 2>&1 | grep -qx 1 || cat err)"
	is_over
	silent map "${as_nobody[@]}" "$workloads/silent" map "$scratch/fuse"
	ends "with a perf map that does not answer, a trace with stacks ends" map -k --no-timeline -d 1 -p "$silent" -o map.text
	asked "it was asked for" map
	not_read "which it says" map "the mappings, arguments or perf map"
	holds "and the calls are there" "$(grep -c ' mprotect ' map.text >/dev/null || { echo "it says:" && cat map.err; })"
	is_over
	if silent lock "${as_nobody[@]}" "$workloads/silent" lock "$scratch/fuse" &&
		wait_until grep -q asked lock.says >/dev/null; then
		ends "with a process whose mappings are locked, a trace of all ends" all -a --no-timeline -d 1 -o all.text
		ends "and one of it, verified" one --verify --no-timeline -d 1 -p "$silent" -o one.text
		ends "and in the inference tier" infer --verify --tier inference -a --no-timeline -d 1 -o infer.text
		ends "and a recording" locked record --force -o rec -d 1
		not_read "which says so" locked "the mappings, arguments or perf map"
		ends "and an audit" locked audit --now -p "$silent"
		not_read "which says so, too" locked "the mappings, arguments or perf map"
		ends "and a look at its mappings" maps maps -p "$silent"
		is_over
	else
		skip "mappings that are locked" "this kernel does not write back in mmap(2): $why"
	fi
	# shellcheck disable=SC2009
	holds "nobody waits any more" "$(wait_until test -z "$(ps -eo pid,ppid,stat,comm | grep mprotwatch-read | grep -w D)")"
else
	skip "files that do not answer" "$why"
fi
exit $failed

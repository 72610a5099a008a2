#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Runs: who may, on what, where output goes.

bats_require_minimum_version 1.5.0
load lib.bash

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a user without rights gets a sentence and status 77" {
	needs_root
	chmod 755 "$BATS_TEST_TMPDIR"
	install -m 755 "$MPROTWATCH" /tmp/mpw-cli.$$
	limited setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		/tmp/mpw-cli.$$ -a -d 0.1
	rm /tmp/mpw-cli.$$
	complains 77 "root"
	[ "${#lines[@]}" -eq 1 ]
}

@test "the same with a command is status 125, and the command does not run" {
	needs_root
	install -m 755 "$MPROTWATCH" /tmp/mpw-cli.$$
	limited setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/mpw-cli.$$ -- echo "it ran"
	rm /tmp/mpw-cli.$$
	complains 125 "root"
	[[ $output != *"it ran"* ]]
}

@test "a process that is not there" {
	needs_root
	mpw -p 4194300 -d 0.1
	complains 1 4194300
	mpw -t 4194300 -d 0.1
	complains 1 4194300
}

@test "output that can't be written" {
	needs_bpf
	mpw -o /no/such/dir/file -a -d 0.1
	complains 1 "cannot open '/no/such/dir/file': No such file"
	mpw -o / -a -d 0.1
	complains 1 "directory"
	mpw -q -o /dev/full -- /bin/true
	complains 125 "cannot write '/dev/full': No space left"
}

@test "a command that can't be run is named, and makes no output" {
	needs_bpf
	limited -127 "$MPROTWATCH" -q -o out -- ./nowhere
	complains 127 "cannot run './nowhere': No such file"
	[ ! -s out ]
	mpw -q -j -- "$BATS_TEST_TMPDIR"
	complains 126 "Permission denied"
	[ "${#lines[@]}" -eq 1 ]
}

@test "without BTF it says so" {
	needs_bpf
	limited unshare -m sh -c "umount -l /sys && '$MPROTWATCH' -a -d 0.1"
	complains 77 "BTF at /sys/kernel/btf/vmlinux: No such file"
}

@test "a closed pipe is quiet" {
	needs_bpf
	run bash -c "'$MPROTWATCH' -q -- bash -c 'for i in {1..50}; do /bin/true; done' 2>err | head -n 1; echo \${PIPESTATUS[0]}"
	[ "${lines[-1]}" = 0 ]
	[ ! -s err ]
}

@test "-d stops, in about that time" {
	needs_bpf
	start=${EPOCHREALTIME/./}
	mpw -q -a -d 500ms -o out
	took=$((${EPOCHREALTIME/./} - start))
	[ "$status" -eq 0 ]
	[ "$took" -ge 500000 ]
	[ "$took" -lt 8000000 ]
}

@test "SIGINT and SIGTERM end it well, with totals" {
	needs_bpf
	for signal in INT TERM; do
		# -m: without job control a shell's background processes ignore SIGINT
		limited --separate-stderr bash -mc "'$MPROTWATCH' -a -o out & sleep 1.5; kill -$signal \$!; wait \$!"
		[ "$status" -eq 0 ]
		[[ $stderr == *" lost"* ]]
	done
}

@test "stdout has data only, -q silences stderr" {
	needs_bpf
	run --separate-stderr "$MPROTWATCH" -j -- /bin/true
	[ "$status" -eq 0 ]
	[[ $stderr == *"tracing /bin/true"* ]]
	for line in "${lines[@]}"; do
		[[ $line == \{*\} ]] || { echo "no JSON: $line"; return 1; }
	done
	run --separate-stderr "$MPROTWATCH" -q -j -- /bin/true
	[ -z "$stderr" ]
}

@test "colour: only where it is wanted" {
	needs_bpf
	mpw -q --color=never -- /bin/true
	[[ $output != *$'\e'* ]]
	mpw -q -- /bin/true
	[[ $output != *$'\e'* ]]
	mpw -q --color=always -- /bin/true
	[[ $output == *$'\e['* ]]
	run script -qec "'$MPROTWATCH' -q -- /bin/true" /dev/null
	[[ $output == *$'\e['* ]]
	NO_COLOR=1 run script -qec "'$MPROTWATCH' -q -- /bin/true" /dev/null
	[[ $output != *$'\e'* ]]
}

@test "times: of the day, since the start, since the line before" {
	needs_bpf
	mpw -q --no-timeline --no-header --time=wall -- /bin/true
	[[ ${lines[0]} =~ ^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6}\  ]]
	mpw -q --no-timeline --no-header --time=rel -- /bin/true
	[[ ${lines[0]} =~ ^\ *[0-9]+\.[0-9]{6}\  ]]
	mpw -q --no-timeline --no-header --time=delta -- /bin/true
	[[ ${lines[1]} =~ ^\ *0\.[0-9]{6}\  ]]
}

@test "--no-header and --no-timeline leave these out" {
	needs_bpf
	mpw -q -- /bin/true
	[[ $output == TIME* ]]
	nr=${#lines[@]}
	mpw -q --no-header -- /bin/true
	[[ $output != TIME* ]]
	mpw -q --no-timeline -- /bin/true
	[ "${#lines[@]}" -lt "$nr" ]
}

@test "a hostile command name is escaped in the banner" {
	needs_bpf
	limited -127 "$MPROTWATCH" -o out -- $'/no/\e[2J/such'
	[[ $output != *$'\e'* ]]
}

@test "--max-events ends well, with totals and timeline" {
	needs_bpf
	limited "$MPROTWATCH" --max-events 3 -o out -- /bin/ls /
	[ "$status" -eq 0 ]
	[[ $output == *"0 lost"* ]]
	grep "^Protections over time" out
}

@test "a run that can't begin leaves the output file as it was" {
	needs_bpf
	echo precious >out
	limited -127 "$MPROTWATCH" -o out -- ./nowhere
	[ "$(cat out)" = precious ]
	limited "$MPROTWATCH" -q -o out -- /bin/true
	run ! grep precious out
}

# others FILE: make one that others have open for reading
others() {
	echo precious >"$1"
	chmod 666 "$1"
	exec {reader}<"$1"
}

@test "what others can read is not written to: another file takes its name" {
	needs_bpf
	others out
	limited "$MPROTWATCH" -q -o out -- /bin/true
	[ "$status" -eq 0 ]
	[ "$(stat -c '%a %u' out)" = "600 0" ]
	grep mmap out
	[ "$(cat <&"$reader")" = precious ]
	limited "$MPROTWATCH" record -q -o rec -- /bin/true
	for verb in "timeline --svg" "timeline --html" "export --format csv -o" "findings -o" "audit -o"; do
		rm -f out
		others out
		# shellcheck disable=SC2086
		limited "$MPROTWATCH" $verb out -q -i rec
		[ "$(stat -c '%a %u' out)" = "600 0" ] || { echo "$verb"; return 1; }
		[ "$(cat <&"$reader")" = precious ]
	done
	rm out
	touch out
	chmod 600 out
	chown 65534 out
	limited "$MPROTWATCH" -q -o out -- /bin/true
	[ "$(stat -c '%a %u' out)" = "600 0" ]
}

@test "a FIFO, a socket and a symbolic link are no files to write to" {
	needs_bpf
	mkfifo pipe
	ln -s elsewhere link
	mpw -q -o pipe -- /bin/true
	complains 125 "FIFO"
	mpw record --force -q -o pipe -- /bin/true
	complains 125 "pipe"
	mpw -q -o link -- /bin/true
	complains 125 "symbolic link"
	[ ! -e elsewhere ]
}

@test "the command gets SIGPIPE as it would without us" {
	needs_bpf
	limited "$MPROTWATCH" -q -o out -- grep SigIgn /proc/self/status
	[ "$output" = "$(grep SigIgn /proc/self/status)" ]
}

@test "SIGTERM ends it even if nobody reads its output" {
	needs_bpf
	mkfifo pipe
	exec {reader}<>pipe
	dd if=/dev/zero of=pipe bs=4096 oflag=nonblock 2>/dev/null || : # until it is full
	"$MPROTWATCH" -a >pipe 2>err &
	tracer=$!
	# Where much goes on, it can be before the banner that it can't write any more.
	wait_until grep pipe_write "/proc/$tracer/wchan" || { kill -KILL $tracer; return 1; }
	kill -TERM $tracer
	status=0
	wait $tracer || status=$?
	exec {reader}>&-
	[ "$status" -le 1 ]
}

@test "inside a pid namespace it refuses" {
	needs_bpf
	limited unshare -p -f --mount-proc "$MPROTWATCH" -d 0.1
	complains 77 "pid namespace"
}

# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034
#
# Shared by the live tests: a scratch directory, ways to run the program, and the
# decision whether this machine can be tested at all. That is never the program's:
# where BPF works, its refusal is a failure.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"
# shellcheck source=tests/wait.sh
. "$top/tests/wait.sh"
check=$top/tests/live/check.py
O=${O:-build}
[[ $O == /* ]] || O=$top/$O
MPROTWATCH=${MPROTWATCH:-$O/mprotwatch}
workloads=$O/workloads
slow=${MPW_SLOW:-1} # how many times longer than usual things may take, as in an emulator

refuse() {
	echo "SKIP $1"
	exit 77
}
[[ $(id -u) == 0 ]] || refuse "live tests need root (sudo make test)"
[[ -r /sys/kernel/btf/vmlinux ]] || refuse "this kernel has no BTF"
PATH=$PATH:/usr/sbin:/sbin bpftool prog show >/dev/null 2>&1 || refuse "BPF is refused here"
grep -qs '\[confidentiality\]' /sys/kernel/security/lockdown && refuse "kernel lockdown forbids BPF"

scratch=$(mktemp -d /tmp/mpw-live.XXXXXX)
started=()
cleanup() {
	local pid

	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
	rm -rf "$scratch"
}
trap cleanup EXIT
chmod 755 "$scratch"
cd "$scratch" || exit 1

# For what is the same on every kernel, and takes long in an emulator.
not_emulated() {
	((slow == 1)) || refuse "this does not depend on the kernel: it is tested where nothing is emulated"
}

# Can this kernel read mappings back (Linux 6.7)?
has_truth() {
	grep -aq bpf_iter_task_vma_new /sys/kernel/btf/vmlinux
}

# The tiers that this kernel has.
tiers=(inference)
has_truth && tiers=(truth inference)
# What to ask of the best of them where a call may be told before its mirror is known.
best=(--honest)
has_truth && best=()

# int80_works: whether programs can call by int 0x80 here; if not, $why has it.
int80_works() {
	local status=0

	why="only x86-64 has int 0x80"
	[[ -x $workloads/compat ]] || return
	why=$("$workloads/compat" probe 2>&1) || status=$?
	((status <= 128)) || why="int 0x80 ends in SIG$(kill -l $status) on this machine"
	return $status
}

# runs_32bit: the same of 32-bit programs, whose calls come by int 0x80, too, on x86-64.
runs_32bit() {
	[[ ! -x $workloads/compat ]] || int80_works || return
	why="there was no compiler for 32-bit programs"
	[[ -x $workloads/compat32 ]] || return
	"$workloads/compat32" >/dev/null 2>&1
	[[ $? != 126 ]] && return
	why="32-bit programs cannot be run on this machine"
	return 1
}

# is_gone PID: there is no such process; if there is, says what it does.
is_gone() {
	! grep -sE '^(Name|State):' "/proc/$1/status"
}

# trace NAME OPTION... -- COMMAND...: into NAME.json; the command's stdout to NAME.expect,
# stderr of both to NAME.err. Leaves the status in $status.
trace() {
	local name=$1

	shift
	"$MPROTWATCH" -j --no-timeline -o "$name.json" "$@" >"$name.expect" 2>"$name.err" </dev/null
	status=$?
}

# start NAME OPTION...: the same in the background, until stop; waits until it traces.
# Its pid is in $tracer.
start() {
	local name=$1

	shift
	"$MPROTWATCH" -j --no-timeline -o "$name.json" "$@" >"$name.out" 2>"$name.err" </dev/null &
	tracer=$!
	started+=("$tracer")
	wait_until grep -qs 'mprotwatch: tracing' "$name.err"
}

# Ends the tracer, once it has taken in what was done; its status in $status.
stop() {
	sleep "$((3 * slow / 10)).$((3 * slow % 10))"
	kill -TERM "$tracer"
	wait "$tracer"
	status=$?
}

# steps_start NAME: the workload "steps", in the background; it writes to NAME.told. Its pid
# is in $workload. "step N" makes it go on and waits until it has done step N. "told NAME
# LINE RUN": what it told after LINE is what RUN is expected to have seen.
steps_start() {
	mkfifo "$1.steps"
	"$workloads/steps" <"$1.steps" >"$1.told" &
	workload=$!
	started+=("$workload")
	exec {steps_fd}>"$1.steps"
	steps_name=$1
	wait_until grep -qs READY "$1.told"
}

step() {
	echo >&"$steps_fd"
	wait_until grep -qs "^STEP $1$" "$steps_name.told"
}

told() {
	sed "1,/^$2/d" "$1.told" >"$3.expect"
}

# Tracers in the background hold its stdin open: it would not see the end of that.
steps_end() {
	exec {steps_fd}>&-
	kill "$workload"
	wait "$workload"
}

# well NAME TEST: the run ended well, under --strict, too; for losses see as_told. A command that the
# test left on purpose runs on. A mirror of the inference tier may not be known when its process ends.
well() {
	holds "$2" "$(
		((status == 0)) && exit
		((status == 3)) && grep -q 'the command runs on' "$1.err" &&
			grep -q ' 0 differing' "$1.err" && exit
		((status == 3)) && grep -q '(inference tier)' "$1.err" &&
			grep -q 'verify: nothing was compared, .* 0 differing' "$1.err" && exit
		((status == 3 && slow > 1)) && ! lossless "$1" && grep -q ' 0 differing' "$1.err" && exit
		tail -n 20 "$1.err"
	)"
}

lossless() {
	grep -E '^mprotwatch: .*[^0-9]0 lost' "$1.err" >/dev/null
}

# complaints FILE: what the program said, without the losses of an emulator: see as_told.
complaints() {
	if ((slow > 1)); then
		grep -vxE 'mprotwatch: [0-9]+ lost' "$1"
	else
		cat "$1"
	fi
}

# as_told NAME TEST [OPTION]: what NAME.json has is what NAME.expect says, and nothing was lost.
# An emulated processor may stand still for so long that the ring runs full, or the kernel gives
# up waiting for the ring's lock (6.15): there losses are told, and nothing is wrong.
as_told() {
	local how=("${@:3}")

	lossless "$1" || ((slow == 1)) || how=(--honest)
	holds "$2" "$(
		"$check" calls "${how[@]}" "$1.expect" "$1.json" 2>&1
		lossless "$1" || ((slow > 1)) || tail -n 3 "$1.err"
	)"
}

# as_schema TEST NAME: NAME.json is as its schema says.
as_schema() {
	if python3 -c 'import jsonschema' 2>/dev/null; then
		holds "$1" "$("$check" schema <("$MPROTWATCH" --json-schema) "$2.json" 2>&1)"
	else
		skip "$1" "python3-jsonschema is not installed"
	fi
}

# audit NAME OPTION...: the audit into NAME.json and NAME.err; its status in $status.
audit() {
	local name=$1

	shift
	"$MPROTWATCH" audit -q -j -o "$name.json" "$@" >/dev/null 2>"$name.err" </dev/null
	status=$?
}

# fields NAME PATH...: "prctl.verdict", "refused.0.failed" of NAME.json, in a line.
fields() {
	python3 -c 'import functools, json, sys
x = json.load(open(sys.argv[1]))
print(*(functools.reduce(lambda v, k: v[int(k) if k.isdigit() else k], path.split("."), x)
        for path in sys.argv[2:]))' "$1.json" "${@:2}" 2>&1
}

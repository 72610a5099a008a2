#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Rights that are given up once everything is attached or before a recording is read, those that are
# kept, and the capabilities that suffice to begin with. tests/unit/test_rights.c tries what is refused.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

dac_override=$((1 << 1)) dac_read=$((1 << 2)) ptrace=$((1 << 19)) bpf=$((1 << 39))

# caps_of PID: the sets that it has; fields_of PID: what else shows rights.
caps_of() {
	sed -nE 's/^Cap(Prm|Eff|Inh|Amb):\s*0*([0-9a-f]+)$/\2/p' "/proc/$1/status" | tr '\n' ' '
}
fields_of() {
	sed -nE 's/^(NoNewPrivs|Seccomp):\s*/\1 /p' "/proc/$1/status" | tr '\n' ' '
}

# only PID MASK: complains of capabilities that are not in the mask.
only() {
	local set

	for set in $(caps_of "$1"); do
		((0x$set & ~$2)) && echo "process $1 has $(caps_of "$1")"
	done
}

# Capabilities of a tracer that makes no files; older kernels want one for any look at a map.
tracing=$((dac_read | ptrace))
grep -q '"rights".*CAP_BPF is kept' <("$MPROTWATCH" doctor -j) && tracing=$((tracing | bpf))
given_up="NoNewPrivs 1 Seccomp 2 "
own=$(fields_of $$)
nr=0

steps_start a
for tier in "${tiers[@]}"; do
	start "$tier" -p "$workload" --tier "$tier" --verify -k
	holds "$tier: a tracer keeps what it takes to read /proc" "$(only "$tracer" $tracing)"
	equals "$tier: and gives up what it can" "$(fields_of "$tracer")" "$given_up"
	step $((++nr))
	stop
	equals "$tier: it ends well" $status 0
	holds "$tier: its mirrors are right" "$(grep -q ' 0 differing' "$tier.err" || tail "$tier.err")"
	holds "$tier: no system call of its own was refused" "$(grep 'gave up rights' "$tier.err")"
done

start kept -p "$workload" --no-drop
equals "--no-drop: all is kept" "$(caps_of "$tracer")$(fields_of "$tracer")" "$(caps_of $$)$own"
step $((++nr))
stop
steps_end

rights='^(Cap|NoNewPrivs|Seccomp)'
"$MPROTWATCH" -q -o /dev/null -- grep -E "$rights" /proc/self/status >theirs.status
equals "a command has all rights that its user has" "$(cat theirs.status)" "$(grep -E "$rights" /proc/self/status)"

# ---- files ----

# record_in FOLDER: with a new file each half second, until there are three; its pid's capabilities.
record_in() {
	"$MPROTWATCH" record -q -o "$1/rec" --rotate-time 500ms --keep 1 --compress 2>"$1.err" &
	tracer=$!
	started+=("$tracer")
	wait_until test -e "$1/rec.000002.zst.sha256"
	caps=$(caps_of "$tracer")
	fields=$(fields_of "$tracer")
	kill -INT "$tracer"
	wait "$tracer"
}

mkdir ours theirs
chown 65534 theirs
record_in ours
equals "a recording is made in pieces" $? 0
equals "by who has given up the rest" "$fields" "$given_up"
holds "who may write in the folder needs no capability to" "$(
	for set in $caps; do ((0x$set & dac_override)) && echo "it has $caps"; done)"
record_in theirs
equals "also in a user's folder" $? 0
holds "for which root keeps the capability" "$(
	for set in $caps; do ((0x$set & dac_override)) && exit; done
	echo "it has $caps")"
for folder in ours theirs; do
	holds "$folder: nothing was refused" "$(grep "gave up rights" $folder.err)"
	equals "$folder: one piece is kept, and the last" "$(echo $folder/*.zst | wc -w)" 2
	holds "$folder: no journal is left" "$(find $folder -name '*-*')"
done

# ---- recordings ----

"$MPROTWATCH" record -q -o flip.rec -- "$workloads/flip"
endless='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
"$MPROTWATCH" query -i flip.rec "$endless" >/dev/null 2>query.err &
reader=$!
started+=("$reader")
wait_until grep -qs 'Seccomp:.*2' "/proc/$reader/status"
holds "who reads a recording has no capability" "$(only $reader 0)"
equals "and gives up what it can" "$(fields_of $reader)" "$given_up"
kill $reader
wait $reader 2>/dev/null

"$MPROTWATCH" -q -i flip.rec >plain
chown 65534 flip.rec
mv flip.rec theirs/
echo old >theirs/out
chown 65534 theirs/out
for options in "-i theirs/flip.rec -o theirs/out" "-i theirs/flip.rec -o theirs/new" "-i theirs/flip.rec --no-drop -o out"; do
	# shellcheck disable=SC2086 # words of a command line
	"$MPROTWATCH" -q $options 2>owned.err
	holds "a user's recording can be read: $options" "$(cat owned.err; cmp plain "${options##* }")"
done
"$MPROTWATCH" record -q -o packed.rec --compress -- "$workloads/flip"
TMPDIR=$scratch/theirs "$MPROTWATCH" -q -i packed.rec.zst >packed 2>packed.err
holds "and a compressed one be unpacked in his folder" "$(cat packed.err; grep -q mprotect packed || head packed)"

# ---- a call that nobody foresaw ----

cat >early.c <<-'END'
	#include <sys/syscall.h>
	#include <sys/types.h>
	#include <unistd.h>
	ssize_t write(int fd, const void *data, size_t len)
	{
		syscall(SYS_socket, 2, 1, 0);
		return syscall(SYS_write, fd, data, len);
	}
END
if gcc -shared -fPIC -o early.so early.c 2>/dev/null && ldd "$MPROTWATCH" >/dev/null 2>&1; then
	LD_PRELOAD=$PWD/early.so "$MPROTWATCH" -q -i theirs/flip.rec >early 2>early.err
	equals "a refused call ends nothing" $? 0
	holds "the output is whole" "$(cmp plain early)"
	holds "and it is said" "$(grep -qE 'mprotwatch: [1-9][0-9]* system calls? of mprotwatch itself failed .* number [0-9]+ .*--no-drop' early.err || cat early.err)"
else
	skip "a refused call is said" "there is no compiler, or the program is static"
fi

# ---- capabilities that suffice ----

install -m 755 "$MPROTWATCH" program
: >out
chown 65534 out
as_nobody="--reuid=65534 --regid=65534 --clear-groups"

# with CAPS OPTION...: as nobody with no more than these
with() {
	local caps=$1 set=-all cap

	shift
	for cap in $caps; do set+=,+$cap; done
	# shellcheck disable=SC2086 # words of a command line
	setpriv $as_nobody --bounding-set=$set --inh-caps=$set --ambient-caps=$set "$@" \
		>with.out 2>with.err
}

ulimit -l unlimited 2>/dev/null # before Linux 5.11 that takes CAP_SYS_RESOURCE
can_mount=
unshare -m true 2>/dev/null && can_mount=1
suffices() {
	with "$1" ./program -q -o out -- /bin/true
	equals "$2: $1 suffice" "$? $(cat with.err)" "0 "
	holds "$2: and it is traced" "$(grep -q ' mmap ' out || cat out)"
}
lacks() {
	local caps=$1 cap

	for cap in $caps; do
		with "${caps//$cap/}" ./program -q -o out -- /bin/true
		equals "$2: not without $cap" $? 125
		[[ $cap == sys_admin ]] && cap=bpf # it stands in for that, which is named first
		holds "$2: the hint names $cap" "$(grep -q "CAP_${cap^^}" with.err || cat with.err)"
	done
}
needed="bpf perfmon dac_read_search"
# libbpf asks for modules' BTF, or perf_event_open(2): that takes one that stands in for two of these
has_truth || needed="sys_admin dac_read_search"
if ! command -v setpriv >/dev/null || ! setpriv --bounding-set=-all,+bpf true 2>/dev/null; then
	skip "capabilities that suffice" "there is no setpriv that knows CAP_BPF"
elif [[ -e /sys/kernel/tracing/events ]]; then
	suffices "$needed" "tracefs is mounted"
	lacks "$needed" "tracefs is mounted"
else
	suffices "$needed sys_admin" "tracefs is not mounted"
	with "bpf perfmon dac_read_search" ./program -q -o out -- /bin/true
	equals "it is not mounted without CAP_SYS_ADMIN" $? 125
	holds "which the hint says" "$(grep -q CAP_SYS_ADMIN with.err || cat with.err)"
	if [[ $can_mount ]] && mount_ns=(unshare -m bash -c 'mount -t tracefs none /sys/kernel/tracing && exec "$@"' -) &&
		"${mount_ns[@]}" true 2>/dev/null; then
		eval "$(declare -f with | sed 's/setpriv /"${mount_ns[@]}" setpriv /')"
		suffices "$needed" "tracefs is mounted"
		lacks "$needed" "tracefs is mounted"
	else
		skip "tracefs is mounted" "it cannot be mounted here"
	fi
fi
if command -v setpriv >/dev/null && setpriv --bounding-set=-all,+bpf true 2>/dev/null; then
	sleep 1000 &
	sleeper=$!
	started+=("$sleeper")
	with "$needed sys_admin sys_ptrace" ./program -q -o out --tier inference -d 200ms -p $sleeper
	equals "CAP_SYS_PTRACE is for the processes of others" $? 0
	with "$needed sys_admin" ./program -q -o out --tier inference -d 200ms -p $sleeper
	equals "who lacks it does not see them" $? 1
fi
exit $failed

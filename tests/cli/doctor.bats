#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# doctor: it says what is missing, whoever asks and wherever; it never fails at that.

bats_require_minimum_version 1.5.0
load lib.bash
workloads=$(dirname "$MPROTWATCH")/workloads

# The table has a line for each question, and a verdict that agrees with the status.
examined() {
	case $status in
	0) [[ ${lines[-1]} == "Tracing is possible, in the "*" tier." ]] ;;
	77) [[ ${lines[-1]} == "Tracing is impossible: "* ]] ;;
	*) false ;;
	esac || { echo "status $status: $output"; return 1; }
	[[ ${lines[0]} == WHAT*STATE*CONSEQUENCE ]]
	[ "$(grep -cE '^.{24} (ok|missing|MISSING) +[^ ]' <<<"$output")" -eq $((${#lines[@]} - 2)) ]
	for what in BTF "ring buffer" task_vma fexit tracefs lockdown CAP_BPF "int 0x80" memory seccomp PAGEMAP_SCAN; do
		[[ $output == *"$what"* ]] || { echo "nothing about $what"; return 1; }
	done
}

# A copy that everybody may run.
public_copy() {
	needs_root
	copy=$(mktemp -d /tmp/mpw-doctor.XXXXXX)
	install -m 755 "$MPROTWATCH" "$copy/mprotwatch"
	chmod 755 "$copy"
}

teardown() {
	[ -z "${copy:-}" ] || rm -rf "$copy"
}

@test "doctor says that tracing is possible where it is" {
	needs_bpf
	mpw doctor
	[ "$status" -eq 0 ]
	examined
	tier=$(sed -n 's/^Tracing is possible, in the \(.*\) tier.$/\1/p' <<<"$output")
	mpw -o "$BATS_TEST_TMPDIR/out" -- /bin/true
	[[ $output == *"($tier tier)"* ]]
}

@test "doctor -j says the same as one JSON object" {
	mpw doctor
	table=$status nr=$((${#lines[@]} - 2))
	mpw doctor -j
	[ "$status" -eq "$table" ]
	[ "${#lines[@]}" -eq 1 ]
	python3 - "$output" "$table" "$nr" <<-'END'
		import json, sys

		o = json.loads(sys.argv[1])
		assert o["possible"] == (sys.argv[2] == "0")
		assert ("tier" in o) == o["possible"] and ("error" in o) != o["possible"]
		assert len(o["checks"]) == int(sys.argv[3])
		assert all(c["ok"] == ("error" not in c) and c["consequence"] for c in o["checks"])
	END
}

# The state and the error of the row about int 0x80
entry() {
	sed -nE 's/^int 0x80 entry +(ok|missing) +calls by int 0x80 [^()]*(.*)$/\1 \2/p' <<<"$output"
}

@test "doctor says whether int 0x80 works, as it does for others" {
	mpw doctor
	if [ "$(uname -m)" != x86_64 ]; then
		[ -z "$(entry)" ] # there is no such thing
	elif "$workloads/compat" probe; then
		[ "$(entry)" = "ok " ]
	else
		[[ $(entry) == "missing ("*")" ]]
	fi
}

# without_int80 HOW ERROR REASON: what doctor and the tests say where calls by it are refused so
without_int80() {
	limited "$workloads/no80" "$1" "$MPROTWATCH" doctor
	[[ $(entry) == "missing ($2)" ]] || { echo "$1: $output"; return 1; }
	limited "$workloads/no80" "$1" "$MPROTWATCH" doctor -j
	[[ $output == *'{"name":"int80","ok":false,'*",\"error\":\"$2\"}"* ]] || { echo "$1: $output"; return 1; }
	((bpf)) || return 0
	limited "$workloads/no80" "$1" "$BATS_TEST_DIRNAME/../live/compat.sh"
	[[ "$status $output" == "77 SKIP int 0x80 $3 on this machine" ]] || { echo "$1: $output"; return 1; }
}

@test "where int 0x80 is refused, doctor says how, and its tests are skipped for that reason" {
	[ "$(uname -m)" = x86_64 ] || skip "only x86-64 has int 0x80"
	"$workloads/compat" probe || skip "it is refused anyway"
	bpf=0
	[ ! -r /sys/kernel/btf/vmlinux ] || ! has_bpf || bpf=1
	without_int80 segv "it raises SIGSEGV" "raises SIGSEGV"
	without_int80 trap "it raises SIGSYS" "raises SIGSYS"
	without_int80 kill "it raises SIGSYS" "ends in SIGSYS"
	without_int80 enosys "Function not implemented" "fails with ENOSYS"
}

@test "doctor run by nobody says that it is impossible" {
	public_copy
	limited setpriv --reuid=65534 --regid=65534 --clear-groups "$copy/mprotwatch" doctor
	[ "$status" -eq 77 ]
	examined
	[[ $output == *"MISSING"*"Operation not permitted"* ]]
}

@test "doctor run by root without capabilities says so" {
	needs_root
	limited setpriv --bounding-set -all --inh-caps -all "$MPROTWATCH" doctor
	[ "$status" -eq 77 ]
	examined
	[ "$(grep -cE '^CAP_[A-Z_]+ +missing' <<<"$output")" -eq 5 ]
}

@test "doctor run by the root of a user namespace is not deceived" {
	public_copy
	run setpriv --reuid=65534 --regid=65534 --clear-groups unshare -r true
	[ "$status" -eq 0 ] || skip "no user namespaces"
	limited setpriv --reuid=65534 --regid=65534 --clear-groups unshare -r "$copy/mprotwatch" doctor
	[ "$status" -eq 77 ]
	examined
}

@test "doctor without /sys misses BTF" {
	needs_root
	limited unshare -m sh -c 'umount -l /sys && exec "$0" doctor' "$MPROTWATCH"
	examined
	[[ $output == *"kernel BTF               MISSING"* ]] || [ "$status" -eq 0 ] # it may lie in /boot, too
}

@test "doctor takes no operands, and knows its options" {
	mpw doctor now
	complains 2 "takes no words"
	mpw doctor --nonsense
	[ "$status" -eq 2 ]
	mpw doctor --help
	[ "$status" -eq 0 ]
	[[ $output == *--json* ]]
	run bash -c "'$MPROTWATCH' doctor >/dev/full"
	[ "$status" -eq 1 ]
}

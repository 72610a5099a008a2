# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Shared by the tests of the command line.

MPROTWATCH=${MPROTWATCH:-$BATS_TEST_DIRNAME/../../build/mprotwatch}

# shellcheck source=tests/wait.sh
. "$BATS_TEST_DIRNAME/../wait.sh"

# limited [OPTION OF run]... COMMAND...: run it for 20 s at most ($limit). If it has no end: what
# was run, and what was seen of it.
limited() {
	local options=() rc=0

	while [[ $1 == -* ]]; do
		options+=("$1")
		shift
	done
	run "${options[@]}" timeout "${limit:-20}" "$@" || rc=$?
	((status != 124)) || printf '%s\n' "no end within ${limit:-20} s: $*" "it said: $output ${stderr-}"
	return $rc
}

mpw() {
	limited "$MPROTWATCH" "$@"
}

# complains STATUS TEXT: that status, and one sentence of ours on stderr which says TEXT.
complains() {
	[ "$status" -eq "$1" ] || { echo "status $status: $output"; return 1; }
	[[ $output == mprotwatch:* ]] || { echo "no sentence: $output"; return 1; }
	[[ $output == *"$2"* ]] || { echo "does not say \"$2\": $output"; return 1; }
}

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

has_bpf() {
	PATH=$PATH:/usr/sbin bpftool prog show >/dev/null 2>&1
}

needs_bpf() {
	needs_root
	has_bpf || skip "BPF is refused here"
	[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
}

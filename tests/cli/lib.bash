# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Shared by the tests of the command line.

MPROTWATCH=${MPROTWATCH:-$BATS_TEST_DIRNAME/../../build/mprotwatch}

mpw() {
	run timeout 20 "$MPROTWATCH" "$@"
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

needs_bpf() {
	needs_root
	PATH=$PATH:/usr/sbin bpftool prog show >/dev/null 2>&1 || skip "BPF is refused here"
	[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
}

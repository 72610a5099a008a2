#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Part of "make test": the program under the kernels of Debian 12 and 13, one for each tier, and the
# newest, booted without int 0x80, in virtual machines. All kernels and all
# live tests: make test-vm.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
here=$(dirname "$0")
O=${O:-build}
kernels=(6.1 6.12 7.3)
declare -A booted_with=([7.3]=ia32_emulation=0)

for need in qemu-system-x86_64 cpio; do
	command -v $need >/dev/null || { echo "SKIP no $need (tests/deps.sh kernels installs it)"; exit 77; }
done
[[ $(uname -m) == x86_64 ]] || { echo "SKIP they are kernels for x86-64"; exit 77; }
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# Told to end by whoever waits no longer for us: what the machines said so far
trap 'tail -n 20 "$stage"/*.out; exit 143' TERM
"$here/stage.sh" "$O" "$stage"
for kernel in "${kernels[@]}"; do
	"$here/boot.sh" -t 900 -k "${booted_with[$kernel]-}" -d "$stage" "$kernel" \
		env MPW_SLOW=10 O=build MPROTWATCH=/test/build/mprotwatch \
		tests/vm/brief.sh >"$stage/$kernel.out" 2>&1 &
	pids+=($!)
done
for i in "${!kernels[@]}"; do
	wait "${pids[i]}"
	status=$?
	if ((status == 77)); then
		skip "Linux ${kernels[i]}" "$(tail -n 1 "$stage/${kernels[i]}.out")"
		continue
	fi
	sed "s/^\(not \)\{0,1\}ok - /&Linux ${kernels[i]}: /" "$stage/${kernels[i]}.out"
	equals "Linux ${kernels[i]}: the tests end well" $status 0
done
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# In the guest, for "make test": a few workloads, with the best that the kernel offers.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

how=()
has_truth || how=(--honest)
for name in protect heap remap family; do
	trace $name --verify --strict -- "$workloads/$name"
	well $name "$name ends well"
	as_told $name "$name is seen as it was" "${how[@]}"
	holds "$name leaves the mirror as the kernel has it" "$("$check" verified $name.json 2>&1)"
done
# Since Linux 7.2 programs on system calls can be preempted: nothing of theirs may then be shared.
for i in 1 2 3; do
	trace race$i --verify --strict -- "$workloads/race"
	well race$i "race $i ends well"
	as_told race$i "racing threads are seen as they were ($i)" --honest
done
if "$MPROTWATCH" doctor -j | grep -q '"name":"functions","ok":true'; then
	trace function --hook=function --verify --strict -- "$workloads/remap"
	well function "--hook=function ends well"
	as_told function "functions of calls show them as they were" "${how[@]}"
	if int80_works; then
		trace function80 --hook=function --verify --strict -- "$workloads/compat"
		well function80 "calls by int 0x80 end well, by their functions"
		as_told function80 "they are seen without --compat" "${how[@]}"
	fi
else
	skip "--hook=function" "this kernel lets no program run on its functions"
fi
if [[ $(uname -m) != x86_64 ]]; then
	runs_32bit || { skip "calls of 32-bit programs" "$why"; exit $failed; }
	trace compat32 --compat --verify --strict -- "$workloads/compat32"
	well compat32 "calls of a 32-bit program end well"
	as_told compat32 "calls of a 32-bit program are seen as they were" "${how[@]}"
	exit $failed
fi
# Where the kernel was told to have no such entry (see kernels.sh), all of them say so.
has=ok
int80_works || has=missing
equals "doctor says whether int 0x80 works" \
	"$("$MPROTWATCH" doctor | sed -nE 's/^int 0x80 entry +([a-z]+) .*/\1/p')" $has
if grep -q ia32_emulation=0 /proc/cmdline; then
	equals "int 0x80 works not" "$why" "int 0x80 raises SIGSEGV on this machine"
	holds "doctor says it as well" "$("$MPROTWATCH" doctor | grep '^int 0x80 entry .*(it raises SIGSEGV)$' >/dev/null || echo no)"
	equals "nor is it tested then" "$("$top/tests/live/compat.sh"; echo $?)" "SKIP $why"$'\n'77
else
	trace int80 --compat --verify --strict -- "$workloads/compat"
	well int80 "calls by int 0x80 end well"
	as_told int80 "calls by int 0x80 are seen as they were" "${how[@]}"
fi
exit $failed

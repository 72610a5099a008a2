#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# In the guest, for "make test": a few workloads, with the best that the kernel offers.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

how=()
has_truth || how=(--honest)
for name in protect remap family; do
	trace $name --verify --strict -- "$workloads/$name"
	equals "$name ends well" $status 0
	as_told $name "$name is seen as it was" "${how[@]}"
	holds "$name leaves the mirror as the kernel has it" "$("$check" verified $name.json 2>&1)"
done
# Since Linux 7.2 programs on system calls can be preempted: nothing of theirs may then be shared.
for i in 1 2 3; do
	trace race$i --verify --strict -- "$workloads/race"
	well race$i "race $i ends well"
	as_told race$i "racing threads are seen as they were ($i)" --honest
done
exit $failed

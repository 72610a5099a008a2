#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/stress.sh [SECONDS]: stress-ng's stressors of address spaces, one after the other, while
# the whole machine is traced. At rest no mirror may differ, and what was lost must have been told.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=${1:-10}
# shellcheck source=tests/wait.sh
. tests/wait.sh
tool=${MPROTWATCH:-build/mprotwatch}
err=$(mktemp) || exit 1
trap 'rm -f "$err"' EXIT
failed=0

for stressor in mprotect mmap mmapfork mmapmany mmapfixed mremap brk munmap vm-segv shm-sysv memfd \
	remap madvise pkey; do
	"$tool" --verify --no-timeline -o /dev/null 2>"$err" &
	tracer=$!
	wait_until grep -q tracing "$err" || failed=1
	said=$(stress-ng --$stressor 2 -t "$seconds" 2>&1) || echo "stress-ng --$stressor: ${said##*$'\n'}"
	sleep 1
	kill -INT $tracer
	wait $tracer
	echo "$stressor: $(tail -n +2 "$err" | paste -sd ';')"
	grep -q ' 0 differing, 0 ranges repaired' "$err" && continue
	echo "FAILED: $stressor"
	failed=1
done
exit $failed

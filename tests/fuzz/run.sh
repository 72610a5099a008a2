#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/fuzz/run.sh TARGET: let a fuzz target try its corpus, and then what it
# makes of that for its part of FUZZ_SECONDS, which all targets take together, as
# many at a time as there are processors. An input that breaks something stays in
# build-fuzz/crashes/; when it is mended, keep it in tests/fuzz/corpus/.
set -u
target=$1
name=${target##*/fuzz_}
corpus=tests/fuzz/corpus/$name
[[ $name == record ]] && corpus=tests/fuzz/corpus/decode # records of the kernel, too
crashes=${target%/tests/fuzz/*}/crashes
nr=$(find tests/fuzz -name 'fuzz_*.c' | wc -l)
seconds=$((${FUZZ_SECONDS:-15} * $(nproc) / nr))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$crashes"

# Without what it says itself, which is hostile text; that of a failure is wanted.
status=0
timeout -k 5 $((seconds + 60)) "$target" -max_total_time=$((seconds ? seconds : 1)) -timeout=50 \
	-rss_limit_mb=2048 -close_fd_mask=3 -print_final_stats=1 -artifact_prefix="$work/broke-" \
	"$work" "$corpus" || status=$?
((status)) || exit 0
((status != 124)) || echo "waited $((seconds + 60)) s in vain for the end of $target;" \
	"it has made $(ls "$work" | wc -l) inputs"
for input in "$work"/broke-*; do
	[[ -e $input ]] || continue
	kept=$crashes/$name-${input##*broke-}
	cp "$input" "$kept"
	echo "$kept:"
	"$target" -timeout=50 -rss_limit_mb=2048 "$kept" 2>&1
done
exit 1

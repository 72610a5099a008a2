#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/vm/matrix.sh [KERNEL[/ARCH]...]: the live tests under each of the kernels, in virtual
# machines, as many at once as there are processors. Without arguments: under all of them, and
# the table of results goes into README.md. Environment: O and O_ARM64, the build directories.
# make test-vm calls it.
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build} O_ARM64=${O_ARM64:-$O-arm64}
all=(5.10 6.1 6.12 6.18 7.3 6.12/arm64 6.12-arm64-16k/arm64)
logs=$O/vm

# In the guest: which kernel and tier, for the table; then all live tests.
guest='
	run=$(build/mprotwatch -j -q -o - -- true | head -n 1)
	echo "ROW $(uname -r) $(uname -m) $(sed "s/.*\"tier\":\"\([a-z]*\)\".*/\1/" <<<"$run")"
	exec tests/run.sh live'

# Run under one kernel; leaves its output in a log, and a row of the table.
run_one() {
	local kernel=${1%/*} arch=amd64 log=$logs/${1//\//-} status=0 row sums

	[[ $1 == */* ]] && arch=${1#*/}
	tests/vm/boot.sh -a "$arch" -t 5400 -d "$logs/stage-$arch" "$kernel" \
		env MPW_SLOW=10 TEST_TIMEOUT=2400 O=build MPROTWATCH=/test/build/mprotwatch \
		bash -c "$guest" >"$log.log" 2>&1 || status=$?
	row=$(sed -n 's/^ROW \([^ ]*\) \([^ ]*\) \([^ ]*\)$/| \1 | \2 | \3 |/p' "$log.log")
	sums=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 | \2 | \3 |/p' "$log.log")
	[[ $sums ]] || sums="no end, status $status | | |"
	echo "${row:-| $1 | | |} $sums" >"$log.row"
	echo "== Linux $1: ${sums//|/,} status $status ($log.log)"
	((status == 0)) || sed -n '/^FAIL/,$p' "$log.log"
	((status != 124 && status != 125)) || tail -n 60 "$log.log"
	return $status
}

write_table() {
	echo '| Linux | machine | tier | passed | failed | skipped |'
	echo '|---|---|---|---:|---:|---:|'
	for kernel in "$@"; do cat "$logs/${kernel//\//-}.row"; done
}

mkdir -p "$logs"
(($#)) && kernels=("$@") || kernels=("${all[@]}")
for arch in amd64 arm64; do
	rm -rf "$logs/stage-$arch"
	[[ $arch == amd64 ]] && build=$O || build=$O_ARM64
	[[ $arch == amd64 || " ${kernels[*]} " == */arm64* ]] && tests/vm/stage.sh "$build" "$logs/stage-$arch"
done
failed=0
for kernel in "${kernels[@]}"; do
	while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n; done
	run_one "$kernel" &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || failed=1
done
write_table "${kernels[@]}" | tee "$logs/table.md"
if (($# == 0)); then
	sed -i -e "/^<!-- kernels/r $logs/table.md" -e '/^<!-- kernels/,/^<!-- end of kernels/{/^|/d}' README.md
fi
exit $failed

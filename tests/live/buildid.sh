#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A recording says which build of each file was run: also of a file that was deleted
# or replaced meanwhile, and in each of its pieces.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
command -v readelf >/dev/null || refuse "readelf is not installed"
readelf -n "$workloads/flip" | grep -q 'Build ID' || refuse "this compiler gives no build-ids"

build_id_of() {
	readelf -n "$1" | sed -n 's/.*Build ID: //p'
}

# builds FILE LIKE: the build-ids that it has of files with such a path
builds() {
	"$MPROTWATCH" query -i "$1" --csv \
		"SELECT DISTINCT build_id FROM files WHERE path LIKE '$2' AND build_id IS NOT NULL" 2>&1 |
		tr -d '\r"' | sed 1d
}

"$MPROTWATCH" record -q -o all.rec -- "$workloads/flip" >out 2>err
libc=$("$MPROTWATCH" query -i all.rec --csv "SELECT path FROM files WHERE path LIKE '%/libc.so.6'" | tr -d '\r"' | tail -n 1)
equals "the program's build-id is that of its file" "$(builds all.rec '%/flip')" "$(build_id_of "$workloads/flip")"
equals "and so is a library's" "$(builds all.rec '%/libc.so.6')" "$(build_id_of "$libc")"
equals "what is no program has none" "$(builds all.rec '[%')" ""

cp "$workloads/steps" gone
cp -p gone kept
workloads=$scratch
mv gone steps
steps_start steps
rm steps
cp /bin/true steps # another file with its name
"$MPROTWATCH" record -q -o gone.rec --rotate-time 100ms -d 1 -p "$workload" >out 2>err
steps_end
for piece in gone.rec.000001 gone.rec; do
	equals "a deleted file's build-id is its own: $piece" "$(builds "$piece" '%/steps (deleted)')" "$(build_id_of kept)"
done
exit $failed

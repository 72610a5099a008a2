#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# maps --pages: sums are those of the kernel, and changed code, guard regions, locked and huge pages
# and NUMA policies stand beside the mappings that have them.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

mkfifo steps
"$workloads/pages" <steps >told &
workload=$!
started+=("$workload")
exec {steps}>steps
wait_until grep -qs READY told
"$MPROTWATCH" maps --pages -j -p "$workload" >rows.ndjson 2>err
cp "/proc/$workload/smaps_rollup" rollup
cp "/proc/$workload/maps" maps
"$MPROTWATCH" maps --pages -v -p "$workload" >table 2>said

# has KIND TEST CODE: of the mapping r that the workload told as KIND, CODE is true
has() {
	local at

	at=$(awk -v kind="$1" '$1 == kind { print $2 }' told)
	if [[ ! $at ]]; then
		skip "$2" "this machine has none"
		return
	fi
	holds "$2" "$(python3 - rows.ndjson "$at" <<-END 2>&1 | tail -n 3
		import json, os, sys
		at, page = int(sys.argv[2], 16), os.sysconf("SC_PAGESIZE")
		rows = [json.loads(line) for line in open(sys.argv[1])]
		[r] = [r for r in rows if "start" in r and int(r["start"], 16) <= at < int(r["end"], 16)]
		assert $3, r
	END
	)"
}

holds "sums are those of the kernel" "$(cat err)$(
	python3 - rows.ndjson rollup maps <<-'END' 2>&1 | tail -n 3
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		total = rows.pop()
		kernel = {l.split(":")[0]: int(l.split()[1]) << 10 for l in open(sys.argv[2]) if l.endswith("kB\n")}
		for name, field in (("rss", "Rss"), ("anonymous", "Anonymous"), ("swap", "Swap"), ("locked", "Locked"),
		                    ("private_dirty", "Private_Dirty"), ("thp_anon", "AnonHugePages"),
		                    ("hugetlb_private", "Private_Hugetlb")):
		    assert total[name] == kernel[field] == sum(r[name] for r in rows), (name, total, kernel)
		lines = [l for l in open(sys.argv[3]) if "[vsyscall]" not in l]
		assert total["mappings"] == len(rows) == len(lines), (len(rows), len(lines))
		if "nodes" in total:
		    assert sum(total["nodes"]) == sum(sum(r["nodes"]) for r in rows)
	END
)"
has TEXT "changed code is found" 'r["changed_text"] == r["copies"] == page and r["prot"] == "r-x"'
holds "and stands out" "$(grep -q 'CHANGED TEXT: private copies of code, 4K' table || cat table)"
has LOCKED "locked pages" 'r["locked"] == 5 * page'
has GUARD "guard regions" '"guards" not in r or (r["guards"] == 3 * page and r["rss"] >= 13 * page)'
has HUGE "transparent huge pages, where there are any" 'r["thp_anon"] in (0, 2 << 20)'
has RESERVED "reserved huge pages" 'r["hugetlb_private"] == 2 << 20 == r["page_bytes"]'
has NODE "NUMA nodes and policies" \
	'"nodes" not in r or (r["policy"].startswith("bind") and r["nodes"][0] == 6 * page)'
holds "with -v it is said how long the process may have waited" "$(
	grep -qE "process $workload may have waited for its mmap_lock for [0-9.]+ ms at once" said || cat said
)"
equals "the last row is the sum" "$(tail -n 3 table | grep -c ' in all$')" 1
exec {steps}>&-
wait "$workload"
"$MPROTWATCH" maps --pages -p "$workload" >table 2>err
equals "a process that is gone" "$? $(grep -c 'no such process' err)" "1 1"
exit $failed

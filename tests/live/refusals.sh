#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Refusals: of each call that the kernel refused, the cause is named, with the limit that was met,
# with what is used and asked. Live and from a recording, in every tier.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -m 777 folder

# answer NAME CAUSE: what is wrong with the answer to the last refused call in NAME.json.
answer() {
	python3 - "$1.json" "$2" <<'EOF'
import json, re, sys

cause = re.sub(r"\..*", "", sys.argv[2])
lines = [json.loads(line) for line in open(sys.argv[1])]
calls = [e for e in lines if e["type"] == "call" and "refusal" in e]
if not calls:
    sys.exit("no call was refused with a cause")
r = calls[-1]["refusal"]
M = 1 << 20
# the limit, and the least that was asked
numbers = {"rlimit-as": (256 * M, 1024 * M), "rlimit-as.shmat": (32 * M, 0),
           "rlimit-data": (64 * M, 128 * M), "rlimit-data.mprotect": (64 * M, 128 * M),
           "rlimit-data.mremap": (64 * M, 127 * M), "rlimit-memlock": (M // 16, M // 4),
           "rlimit-memlock.future": (M // 16, M // 4)}
words = {"rlimit-memlock.future": "MCL_FUTURE", "file-mode.read": "reading",
         "file-mode.mprotect": "writing", "file-mode": "writing", "noexec": "noexec",
         "hole": "nothing is mapped in 4K at", "mdwe": "PR_SET_MDWE"}
if r["causes"][0] != cause or (len(r["causes"]) > 1 and sys.argv[2] != "rlimit-as.shmat"):
    print("causes:", r["causes"])
if sys.argv[2] in numbers and (r["allowed"] != numbers[sys.argv[2]][0] or
                               r["asked"] < numbers[sys.argv[2]][1] or
                               r["used"] + r["asked"] <= r["allowed"] and r["asked"]):
    print("numbers:", r)
if words.get(sys.argv[2], "") not in r["why"]:
    print("why:", r["why"])
if cause in ("in-the-way", "mseal") and r.get("mapping", {}).get("kind") != "anon":
    print("which mapping:", r)
if cause == "max-map-count" and not r["used"] >= r["allowed"] > 1000:
    print("numbers:", r)
if cause == "no-huge-page" and "MAP_HUGETLB" not in calls[-1]["call"]["flags"]:
    print("flags:", calls[-1])
EOF
}

causes=$("$workloads/refuse" list)
for tier in "${tiers[@]}"; do
	for cause in $causes; do
		trace refused --tier=$tier --verify --strict -e '!exec,exit,fork' -- \
			"$workloads/refuse" "$cause" "$scratch/folder"
		if ((status == 77)); then
			skip "$cause ($tier)" "$(tail -n 1 refused.expect)"
			continue
		fi
		holds "$cause is named ($tier)" "$(answer refused "$cause" 2>&1)"
	done
	as_schema "the last one is as the schema has it ($tier)" refused
done

# One recording of all: what it says is what was said, to the byte.
cat >all.sh <<EOF
for cause in $(echo $causes); do "$workloads/refuse" \$cause "$scratch/folder"; done >all.told 2>&1
EOF
for how in '' -j; do
	"$MPROTWATCH" record -v --force --no-timeline $how -x -o all.rec -- sh all.sh >all.live 2>all.err
	"$MPROTWATCH" --no-timeline $how -x -i all.rec >all.again 2>again.err
	holds "a recording says the same again (${how:-text})" "$(cmp all.live all.again 2>&1 ||
		diff all.live all.again | head -n 5)"
done
"$MPROTWATCH" query -i all.rec --csv \
	"SELECT DISTINCT reason FROM failures WHERE reason IS NOT NULL ORDER BY 1" | tail -n +2 |
	tr -d '\r"' >reasons
for cause in hole in-the-way rlimit-as rlimit-data rlimit-memlock no-room overcommit; do
	holds "a query has $cause" "$(grep -qx "$cause" reasons || cat reasons)"
done
equals "and its numbers" "$("$MPROTWATCH" query -i all.rec --csv \
	"SELECT allowed, asked FROM failures WHERE reason = 'rlimit-as' AND call = 'mmap'" |
	tail -n 1 | tr -d '\r')" "268435456,1073741824"
holds "findings name it" "$("$MPROTWATCH" findings -i all.rec 2>/dev/null |
	grep -q 'refused-rlimit-as: mmap of 1G was refused with ENOMEM by refuse.*RLIMIT_AS of 256M' ||
	echo 'they do not')"
"$MPROTWATCH" record -q --force -o one.rec -- "$workloads/refuse" rlimit-as >one.told 2>one.err
holds "the timeline has it" "$("$MPROTWATCH" timeline -i one.rec 2>one.err |
	grep -q 'refused-rlimit-as' || echo 'it has not')"
exit $failed

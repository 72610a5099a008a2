#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What can be asked of a recording: the README's queries have answers, info and
# export tell the same as the live view.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$MPROTWATCH" record -k -v -j -o all.rec -- sh -c "'$workloads/flip'; '$workloads/map'; '$workloads/shm'; '$workloads/names'; true" >all.json 2>err </dev/null
sed -i '/^{/!d' all.json

query() {
	"$MPROTWATCH" query -i all.rec "$@" 2>err
}

# The README's, each under its question
nr=0
while IFS= read -r line; do
	if [[ $line == "-- "* ]]; then
		question=${line#-- }
		continue
	fi
	query "$line" >rows
	equals "$question" "$? $(cat err)" "0 "
	holds "and there is an answer" "$([[ $(wc -l <rows) -ge 2 ]] || cat rows)"
	((nr++))
done < <(sed -n '/^```sql/,/^```$/p' "$top/README.md" | grep -v '^```')
equals "the README has twelve queries" $nr 12

holds "changes are those of the live view" "$(
	query -j "SELECT ts_ns, pid, start, end, size FROM changes WHERE cause = 'call' ORDER BY id" >rows
	python3 - all.json rows 2>&1 <<-'END'
		import json, sys
		wide = lambda address: f"0x{int(address, 16):016x}"
		live = [(c["ts_ns"], c["pid"], wide(c["start"]), wide(c["end"]), c["size"])
		        for c in map(json.loads, open(sys.argv[1])) if c["type"] == "change" and c["cause"] == "call"]
		rows = [tuple(json.loads(line).values()) for line in open(sys.argv[2])]
		assert live and rows == live, (len(rows), len(live))
	END
)"
"$MPROTWATCH" export -i all.rec --format json >again 2>err
holds "JSON exported is that of the live run" "$(complaints err; cmp all.json again 2>&1)"
"$MPROTWATCH" export -i all.rec --format csv -o all.csv 2>err
holds "CSV is read by others, and has all changes that JSON has" "$(
	python3 - all.csv all.json 2>&1 <<-'END'
		import csv, json, sys
		rows = [r for r in csv.DictReader(open(sys.argv[1], newline="")) if r["type"] == "change"]
		live = [c for c in map(json.loads, open(sys.argv[2])) if c["type"] == "change"]
		assert len(rows) == len(live), (len(rows), len(live))
		for r, c in zip(rows, live):
		    assert all(r[k] == str(c[k]) for k in ("ts_ns", "time", "pid", "tid", "start", "end", "size", "cpu")), (r, c)
	END
)"
holds "names that a process chose reach no terminal" "$(query 'SELECT * FROM changes' | LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]')"

"$MPROTWATCH" info -i all.rec --check >info 2>err
equals "info finds it whole" "$? $(grep -c '^check *whole' info) $(grep -c '^end *clean' info)" "0 1 1"
cp all.rec less.rec
if command -v sqlite3 >/dev/null; then
	sqlite3 less.rec 'DELETE FROM change WHERE id = 7'
	"$MPROTWATCH" info -i less.rec --check >info 2>err
	equals "and sees that a change is missing" "$? $(grep -c '^check *damaged' info)" "1 1"
fi

for sql in 'DELETE FROM change' 'SELECT 1; SELECT 2' 'SELEC' '' "VACUUM INTO 'other'" "ATTACH 'other' AS o"; do
	query "$sql" >rows
	equals "refused: $sql" "$? $(wc -l <err) $([[ -e other ]] && echo made)" "1 1 "
done
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Findings of a recording: its rows are what was told, and count what its changes are;
# and what was learned from it is silent then, while an attack is not.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated
has_truth || refuse "what a short-lived process was before its first call is not known without truth"

findings=$top/tests/live/findings.py
cat >many.sh <<'END'
"$1"
command -v luajit >/dev/null && luajit -e 'for k = 1, 200 do
	loadstring("local y = 0 for i = 1, 1e3 do y = y + i * " .. k .. " end")() end'
command -v node >/dev/null && node -e 'for (let i = 0; i < 50; i++) {
	const f = new Function("a", `let s = a; for (let j = 0; j < 20000; j++) s += j ^ ${i}; return s`);
	f(1); f(2); }'
true
END

query() {
	"$MPROTWATCH" query -i many.rec "$@" 2>&1
}

# differing RULE CONDITION: processes of which the rule counts other than there are changes.
differing() {
	query "SELECT p.pid, p.comm, coalesce(f.n, 0) AS counted, coalesce(c.n, 0) AS changes
		FROM processes p
		LEFT JOIN (SELECT process, sum(changes) AS n FROM findings WHERE rule = '$1' GROUP BY 1) f
			ON f.process = p.id
		LEFT JOIN (SELECT process, count(*) AS n FROM changes
			WHERE call NOT IN ('exec', 'snapshot') AND ($2) GROUP BY 1) c ON c.process = p.id
		WHERE counted <> changes" | tail -n +2
}

# Without the verdict on JITs each rule counts what is its own.
printf '[thresholds]\njit-changes = 1000000000\n' >apart.rules
"$MPROTWATCH" record -v -j --severity info --rules apart.rules -o many.rec -- bash many.sh "$workloads/flip" >many.json 2>many.err
new="call IN ('mmap', 'shmat')"
holds "wx counts the changes that are of it" "$(differing wx "after LIKE '_wx_' AND ($new OR before NOT LIKE '_wx_')")"
holds "and w-to-x" "$(differing w-to-x "NOT $new AND before LIKE '_w-_' AND after LIKE '_-x_'")"
holds "and x-to-w" "$(differing x-to-w "NOT $new AND before LIKE '_-x_' AND after LIKE '_w-_'")"
holds "there are all three" "$([[ $(query 'SELECT rule FROM findings' | sort -u | grep -cE '^(wx|w-to-x|x-to-w) *$') == 3 ]] || query 'SELECT * FROM findings')"
query -j 'SELECT id, rule, severity, why, pid, changes, first_ns, is_over FROM findings ORDER BY id' >rows
holds "rows are the findings that were told" "$(python3 - many.json rows 2>&1 <<-'END'
	import json, sys
	told = [[f["id"], f["rule"], f["severity"], f["why"], f["pid"], f["changes"], f["first_ns"], 1]
	        for f in map(json.loads, open(sys.argv[1])) if f["type"] == "finding" and f["state"] == "over"]
	rows = [list(json.loads(line).values()) for line in open(sys.argv[2])]
	assert told and sorted(told) == rows, (sorted(told), rows)
	END
)"
query -j 'SELECT e.finding, c.ts_ns, c.start, c.end FROM evidence e JOIN changes c ON c.id = e.change' >rows
holds "and rest on the changes that were told with them" "$(python3 - many.json rows 2>&1 <<-'END'
	import json, sys
	wide = lambda address: f"0x{int(address, 16):016x}"
	told = [[f["id"], c["ts_ns"], wide(c["start"]), wide(c["end"])] for f in map(json.loads, open(sys.argv[1]))
	        if f["type"] == "finding" and f["state"] == "over"
	        and not f["rule"].startswith("refused-") for c in f["first_changes"]]
	rows = [list(json.loads(line).values()) for line in open(sys.argv[2])]
	assert told and sorted(told) == sorted(rows), (told, rows)
	END
)"
"$MPROTWATCH" findings -j -i many.rec -o again.json 2>err
holds "a replay judges anew: the verdict on a JIT is there" "$(grep -q '"rule":"jit-like"' again.json || cat again.json)"
"$MPROTWATCH" -j --severity info -i many.rec -o all.json 2>err
holds "and with it nothing is lost either" "$("$findings" sums all.json)"

# What is remembered of a process is bounded. 5000 ranges that were writable are more than that:
# the first is found, the last is not, and that this may be is told everywhere.
"$MPROTWATCH" record -v -j --severity info --no-timeline -o past.rec -- "$workloads/attack" past >past.json 2>past.err
forgot=$(sed -n 's/^mprotwatch: findings may be missing: \([0-9]*\) changes found no room.*/\1/p' past.err)
holds "what found no room is told" "$([[ $forgot -ge 900 ]] || cat past.err)"
holds "and of which process" "$(grep -q "found no room in what is remembered (past [0-9]*)\$" past.err || cat past.err)"
equals "in JSON, too" "$(sed -n 's/.*"type":"totals".*"forgotten":\([0-9]*\).*/\1/p' past.json)" "$forgot"
equals "with its name" "$(grep -o '"in_doubt":\[{"pid":[0-9]*,"comm":"past","lost":0,"unread":false,"dropped":true}\]' past.json | wc -l)" 1
equals "and of a recording" "$("$MPROTWATCH" info -i past.rec | sed -n 's/^findings *may be missing: \([0-9]*\) .*/\1/p')" "$forgot"
equals "the one that had room is found" "$(grep '"type":"finding".*"state":"over"' past.json | grep -o '"rule":"w-to-x".*"changes":[0-9]*' | grep -o '[0-9]*$')" 1
as_schema "the schema knows of it" past

# learn NAME OPTION...: a baseline into NAME.rules. silent NAME OPTION...: under it nothing is found.
learn() {
	local name=$1

	shift
	"$MPROTWATCH" findings --learn -o "$name.rules" "$@" >out 2>"$name.err"
}

silent() {
	local name=$1

	shift
	"$MPROTWATCH" findings --fail-on info --rules "$name.rules" "$@" 2>err
	echo "$?"
	grep ':[0-9]*: ' err # errors in the file, and what nothing matched
}

learn many -i many.rec
equals "what was learned from a recording is silent in it" "$(silent many -i many.rec)" 0
holds "each suppression says why" "$(
	diff <(grep -c '^\[suppress' many.rules) <(grep -cE '^reason = seen [0-9]+ times? in many.rec, 20..-..-..$' many.rules)
	grep -q 'suppressed [0-9]* changes*: seen [0-9]* times* in many.rec' err || cat err
)"
learn act -- "$workloads/attack" rwx
equals "what was learned live is silent" "$(silent act -- "$workloads/attack" rwx)" 0
holds "and an attack by the same program is not" \
	"$(silent act -- "$workloads/attack" relro | grep -q 'HIGH relro-undone' || cat err)"

# Names that mean something in the file; and one that nobody should take for usual
odd='a *b[c]?d;e\f#'
cp "$workloads/attack" " $odd "
cp "$workloads/attack" " Xb[c]?d;e\\f# "
cp "$workloads/attack" $'new\nline'
learn odd -- "./ $odd " rwx
holds "globs in a name are taken literally" "$(
	[[ $(silent odd -- "./ $odd " rwx) == 0 ]] || cat err odd.rules
	silent odd -- "./ Xb[c]?d;e\\f# " rwx | grep -q 'low wx' || cat err
)"
learn line -- $'./new\nline' rwx
holds "a newline in a name is left out, and that is said" "$(
	grep -q '^mprotwatch: [0-9]* changes* left out: names' line.err || cat line.err
	grep -q suppress line.rules && cat line.rules
	silent line -- $'./new\nline' rwx | grep -q 'low wx' || cat err
)"
"$MPROTWATCH" findings --learn -j -i many.rec >out 2>err
equals "rules are no JSON" "$? $(wc -c <out)" "2 0"
# A reader that has seen enough hides nothing.
{ "$MPROTWATCH" findings -q --fail-on low -- "$workloads/attack" rwx 2>/dev/null; echo $? >piped; } | :
wait_until test -s piped
equals "a closed pipe does not hide what was found" "$(<piped)" 4
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# diff: two runs of a program differ by what one of them did more, by name, function, transition and
# caller, wherever its memory was; so do two processes of a recording, and two that run.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

# says TEST CODE OPTION...: the rows of diff hold what CODE, in Python, asserts
says() {
	local test=$1 code=$2

	shift 2
	"$MPROTWATCH" diff -j "$@" >rows.ndjson 2>err
	holds "$test" "$(cat err)$(
		python3 - rows.ndjson <<-END 2>&1 | tail -n 3
			import json, sys
			rows = [json.loads(line) for line in open(sys.argv[1])]
			def by(what): return {r["name"]: (r["a"], r["b"]) for r in rows if r["by"] == what}
			$code
		END
	)"
}

"$MPROTWATCH" record -q -k -o a.rec -- "$workloads/remains" </dev/null >told 2>err
"$MPROTWATCH" record -q -k -o b.rec -- "$workloads/remains" <<<"" >told 2>err
says "what one run left more is named by function" "
m = by('maker')
[(name, (a, b))] = [(n, v) for n, v in m.items() if 'session' in n]
assert b['mappings'] - a['mappings'] == 7 and b['bytes'] - a['bytes'] == 7 * 262144, m
m = by('mapped')
assert list(m) == ['[anon]'] and m['[anon]'][1]['bytes'] - m['[anon]'][0]['bytes'] == 7 * 262144, m
c = by('caller')
assert any('(remains+0x' in n and b['changes'] - a['changes'] == 7 for n, (a, b) in c.items()), c
t = by('transition')
assert t['none -> rw-'][1]['changes'] - t['none -> rw-'][0]['changes'] == 7, t" a.rec b.rec
says "a recording does not differ from itself" "assert not rows, rows" a.rec a.rec
says "with --all it has all rows, and sums as report has them" "
import subprocess
report = [json.loads(l) for l in subprocess.run(['$MPROTWATCH', 'report', '-q', '-j', '-i', 'a.rec'],
    check=True, capture_output=True, text=True).stdout.splitlines()]
made = sum(r['bytes'] for r in report if r['by'] == 'maker')
for what in 'mapped', 'maker', 'use':
    assert sum(a['bytes'] for a, b in by(what).values()) == made, what
    assert all(a == b for a, b in by(what).values())
[total] = [r for r in report if r['by'] == 'total']
for what in 'exe', 'mapping', 'transition', 'caller':
    assert sum(a['changes'] for a, b in by(what).values()) == total['changes'], what" --all a.rec a.rec
"$MPROTWATCH" diff a.rec b.rec >page 2>err
holds "the page says by how much" "$(cat err)$(
	grep -qE '^ +[0-9.]+M +[0-9.]+M +\+1\.[78]M +\+7  .*session' page || cat page
)"
"$MPROTWATCH" record -q -o c.rec -- sh -c "'$workloads/heap'; '$workloads/flip'; true" >told 2>err
pids=$(sqlite3 c.rec "SELECT group_concat(pid, ' ') FROM (SELECT DISTINCT pid FROM processes ORDER BY pid)" 2>/dev/null)
read -r -a pid <<<"$pids"
if ((${#pid[@]} >= 3)); then
	says "two processes of a recording" "
assert len(by('exe')) == 2 and '[heap]' in by('mapped'), rows" -i c.rec "${pid[1]}" "${pid[2]}"
fi
"$MPROTWATCH" diff -i a.rec 1 4194303 >page 2>err
equals "a process that is not in it" "$? $(grep -c 'was not there' err)" "1 1"
sleep 60 3>&- &
one=$!
started+=("$one")
tail -f /dev/null 3>&- &
two=$!
started+=("$two")
wait_until [ "$(readlink "/proc/$one/exe")" != "$(readlink /proc/$$/exe)" ]
wait_until [ "$(readlink "/proc/$two/exe")" != "$(readlink /proc/$$/exe)" ]
says "two processes that run" "
m = by('mapped')
assert any(n.endswith('/sleep') and a['mappings'] and not b['mappings'] for n, (a, b) in m.items()), m
assert any(n.endswith('/tail') and b['mappings'] and not a['mappings'] for n, (a, b) in m.items()), m" "$one" "$two"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Reports of real programs: sums are those of SQL over the same recording, what is held is what
# the mirror has, and of shared memory it shows who may write; parts of a recording by process.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

report() {
	"$MPROTWATCH" report -q "$@" 2>err
}

# A recording that is being written looks as if it had been cut off
complaints() {
	grep -v 'was cut off' err
}

# rows TEST CODE OPTION...: the report's rows hold what CODE, in Python, asserts
rows() {
	local test=$1 code=$2

	shift 2
	report -j "$@" >rows.ndjson
	holds "$test" "$(complaints)$(
		python3 - rows.ndjson <<-END 2>&1 | tail -n 3
			import json, subprocess, sys
			told = [json.loads(line) for line in open(sys.argv[1])]
			def rows(by): return [r for r in told if r.get("by") == by]
			def ask(sql): return [json.loads(l) for l in subprocess.run(
			    ["$MPROTWATCH", "query", "-j", "-i", "$rec", sql], check=True,
			    capture_output=True, text=True).stdout.splitlines()]
			def maps(pid): return [l.split() for l in subprocess.run(
			    ["$MPROTWATCH", "maps", "--plain", "-i", "$rec", "-p", str(pid)], check=True,
			    capture_output=True, text=True).stdout.splitlines()]
			def size(l): return int(l[0].split("-")[1], 16) - int(l[0].split("-")[0], 16)
			calls = "call NOT IN ('exec', 'fork', 'exit', 'snapshot', 'lost')"
			$code
		END
	)"
}

rec=family.rec
"$MPROTWATCH" record -q -o $rec -- sh -c "'$workloads/family'; '$workloads/flip'; '$workloads/heap'" >out 2>err
equals "something was recorded" "$? $(cat err)" "0 "
rows "sums by process are those of SQL" "
got = {r['pid']: (r['changes'], r['bytes']) for r in rows('process') if r['changes']}
sql = {r['pid']: (r['n'], r['b']) for r in ask('SELECT pid, count(*) AS n, sum(size) AS b '
    'FROM changes WHERE ' + calls + ' GROUP BY process')}
assert got == sql and len(sql) > 3, (got, sql)" -i $rec
rows "and failed calls" "
got = {r['pid']: r['failed'] for r in rows('process') if r['failed']}
sql = {r['pid']: r['n'] for r in ask('SELECT pid, count(*) AS n FROM failures GROUP BY process')}
assert got == sql and sql, (got, sql)" -i $rec
rows "and sums by caller" "
got = {r['caller'] and r['caller']['module'] + '+' + r['caller']['offset']: (r['changes'], r['bytes'])
    for r in rows('caller') if r['changes']}
sql = {r['caller']: (r['n'], r['b']) for r in ask('SELECT caller, count(*) AS n, sum(size) AS b '
    'FROM changes WHERE ' + calls + ' GROUP BY caller')}
assert got == sql and len(sql) > 20, (got, sql)" -i $rec --by caller
rows "and by mapping" "
got = {r['mapping']: r['changes'] for r in rows('mapping')}
sql = {r['m']: r['n'] for r in ask('SELECT mapping AS m, count(*) AS n FROM changes WHERE ' + calls +
    ' GROUP BY 1')}
sql = {k or '[anon]': v for k, v in sql.items()}
assert sum(got.values()) == sum(sql.values()) and got['[heap]'] == sql['[heap]'], (got, sql)" -i $rec
rows "and by transition" "
got = sum(r['changes'] for r in rows('transition') if 'w' in (r['before'] or '') and 'x' in (r['after'] or ''))
sql = ask('SELECT count(*) AS n FROM changes WHERE before LIKE \"_w%\" AND after LIKE \"__x%\" AND ' + calls)
assert got == sql[0]['n'] > 0, (got, sql)" -i $rec
rows "heaps grew by what brk added" "
got = {r['pid']: r['heap']['now'] for r in rows('growth') if r['heap']['now']}
sql = {r['pid']: r['b'] for r in ask('SELECT pid, sum(iif(after = \"unmapped\", -size, size)) AS b '
    'FROM changes WHERE call = \"brk\" GROUP BY process')}
assert all(sql[pid] == n for pid, n in got.items() if pid in sql) and sql, (got, sql)" -i $rec
rows "and what came at last was the most" "
assert all(r['heap']['most'] == max(r['heap_curve']) and r['anon']['most'] == max(r['anon_curve'])
    for r in rows('growth')), rows('growth')
assert all(r['certain'] for r in rows('growth'))" -i $rec
report -i $rec >page
holds "the page has every table" "$(cat err)$(
	for title in process program mapping caller transition 'who (' 'memory over time'; do
		grep -qF " $title" page || echo "no $title"
	done
)"
report -i $rec --by caller --top 3 >page
equals "as many rows as one asks for" "$(grep -c '+0x' page) $(grep -c 'more callers' page)" "3 1"
"$MPROTWATCH" report -q -o live.page -- "$workloads/flip" >out 2>err
holds "a report of a live trace" "$(cat err; grep -qE 'flip.*changes|[0-9]+ changes' live.page || cat live.page)"

"$MPROTWATCH" record -q -o none.rec -- /nowhere/nothing >out 2>err
report -i none.rec >page
holds "nothing happened: nothing is reported" "$(grep -q '^0 processes, 0 changes' page || cat page)"
report -i none.rec --shared >page
holds "and nothing is shared" "$(grep -q ': 0 objects' page || cat page)"
report -i $rec --by nothing >page
equals "what is no table is wrong usage" "$?" 2

# Shared memory, while it is shared
rec=shared.rec
mkfifo hold
"$MPROTWATCH" record -o $rec -- "$workloads/shared" <hold >told 2>record.err &
tracer=$!
started+=("$tracer")
exec {hold}>hold
wait_until grep -qs PIDS told
read -r _ parent child < <(grep PIDS told)
has_all() {
	local page

	page=$(report --shared -j -i $rec)
	[[ $(grep -o '"by":"mmap"' <<<"$page" | wc -l) -ge 2 ]] || { echo "$page"; false; }
}
wait_until has_all
report --shared -i $rec >page
holds "it is said that an mprotect bound its caller only, and who can write" "$(complaints)$(
	grep -q "who can write: pid $parent shared" page || echo "not who can write"
	grep -q 'binds its own mapping alone' page || echo "not that it bound its caller"
	grep -q 'WRITABLE AT ONE PLACE AND EXECUTABLE AT ANOTHER' page || echo "not that it is run"
)"
rows "each has its own protection, and its own past" "
[ring] = [r for r in told if r['name'].startswith('/memfd:ring')]
now = {(m['pid'], m['prot']): m for m in ring['mappings'] if not m['gone']}
assert set(now) == {($parent, 'rw-'), ($parent, 'r-x'), ($child, 'r--')}, now
past = [(s['by'], s['prot']) for s in now[$child, 'r--']['history']]
assert past == [('fork', 'rw-'), ('mprotect', 'r--')], past
assert now[$child, 'r--']['could_write'] and ring['alias'] and ring['uneven']" -i $rec --shared
rows "what is held is what the mirror has" "
for pid in $parent, $child:
    [r] = [r for r in rows('rights') if r['pid'] == pid and not r['ended']]
    for what, n in ('w', 1), ('x', 2):
        mirror = sum(size(l) for l in maps(pid) if l[1][n] == what)
        assert mirror == r[what]['now'] > 0, (pid, what, mirror, r)" -i $rec
exec {hold}>&-
wait "$tracer"
equals "and so it ended" $? 0
report --shared -i $rec >page
holds "what is gone shows its last state" "$(
	grep -q "all gone; who could write at last: pid $parent shared" page || cat page
)"

# A part of the processes of a recording
whole() {
	"$MPROTWATCH" -q --no-timeline -i $rec "$@" 2>err
}
whole >lines
whole -p "$child" >some
holds "-p shows one process of a recording" "$(cat err; diff <(grep " $child " lines | grep -v ' fork ') <(tail -n +2 some))"
whole -p "$parent" -f >some
holds "with -f its children, too" "$(cat err; diff lines some)"
whole -n 'shar*' -e mprotect >some
holds "-n shows those of a name" "$(cat err; diff <(grep 'shared .* mprotect ' lines) <(tail -n +2 some))"
whole -u 12345 >some
equals "-u those of a user" "$(wc -l <some)" 0
"$MPROTWATCH" -i $rec -p "$child" >some 2>err
holds "totals and timeline are of these" "$(
	grep -q '1 process, 2 events, 1 change, ' err || cat err
	grep -q "^Protections over time of process $child: 1 process" some || cat some
)"
rows "and so is a report" "
assert [r['pid'] for r in rows('process')] == [$child] and rows('total')[0]['changes'] == 1, told" \
	-i $rec -p "$child"
rows "shared objects are told with all who map them" "
assert {m['pid'] for r in told for m in r['mappings']} == {$parent, $child}, told" -i $rec --shared -p "$child"
"$MPROTWATCH" -i $rec -t 1 2>err
equals "what a recording does not know is refused" $? 2
cgroup=$(sed -n 's/^0:://p' /proc/self/cgroup)
if [[ $cgroup ]]; then
	rows "-c chooses by cgroup" "
assert rows('process'), told" -i $rec -c "$cgroup"
	rows "and nobody who is elsewhere" "
assert not rows('process'), told" -i $rec -c "${cgroup%/}/no-such"
else
	skip "-c of a recording" "there is no unified hierarchy"
fi
exit $failed

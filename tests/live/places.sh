#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# maps and addr: who made each mapping, when, and what it was before, of what runs, of what is
# traced, and of recordings; ended processes show their last mappings.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

# says NAME CODE: NAME.ndjson holds what CODE, in Python, asserts
says() {
	holds "$1" "$(cat err)$(
		python3 - rows.ndjson <<-END 2>&1 | tail -n 3
			import json, re, sys
			rows = [json.loads(line) for line in open(sys.argv[1])]
			def bytes_of(path):
			    return sum(int(b, 16) - int(a, 16) for a, b in re.findall(
			        r"(?m)^(\w+)-(\w+) (?!--xp 0+ 00:00 0 +\[vsys)", open(path).read()))
			$2
		END
	)"
}

mkfifo steps
"$MPROTWATCH" record -k -o left.rec -- "$workloads/remains" <steps >told 2>record.err &
tracer=$!
started+=("$tracer")
exec {steps}>steps
wait_until grep -qs READY told
read -r _ workload < <(grep READY told)
cat "/proc/$workload/maps" >now.maps

# As it runs, untraced: no BPF, and nobody is named
"$MPROTWATCH" maps -j -p "$workload" >rows.ndjson 2>err
says "what runs has all that /proc has, by what it is used as" "
assert sum(r['size'] for r in rows) == bytes_of('now.maps')
assert all(r['made_by'] == 'there before' and not r['ended'] for r in rows)
use = {u: sum(r['use'] == u for r in rows) for u in ('guard', 'arena', 'heap', 'stack', 'shared', 'code')}
assert use['guard'] >= 301 and use['arena'] == 2 and use['stack'] == 1 and use['shared'] >= 1, use"
"$MPROTWATCH" maps -p "$workload" >table 2>err
holds "its table folds what comes in turns" "$(cat err)$(
	grep -qE '^ +× (29[0-9]|30[01]): these 2 rows, 16K each time' table || cat table
	(($(wc -l <table) < 60)) || wc -l <table
	awk 'length > 110' table | grep -v '/'
)"
"$MPROTWATCH" maps --all -p "$workload" >table 2>err
equals "but not with --all" "$(($(wc -l <table) > 300)) $(grep -c × table)" "1 0"
at=$(awk '/r-xp.*remains$/ { split($1, a, "-"); print a[1]; exit }' now.maps)
"$MPROTWATCH" addr -p "$workload" "0x$at" >page 2>err
holds "an address of what runs" "$(cat err)$(grep -q "  +0x0 in r-xp $at-.*/remains" page || cat page)"
"$MPROTWATCH" addr -p "$workload" 1000 >page 2>err
holds "where nothing is mapped its neighbours are named" "$(cat err)$(
	grep -q 'nothing is mapped there' page || cat page
	grep -qE ' below r--p .*/remains$' page || cat page
)"

# As it is traced for a while
: >err
"$MPROTWATCH" maps -v -j -d 1h -p "$workload" >rows.ndjson 2>said &
while_traced=$!
started+=("$while_traced")
wait_until grep -qs 'mprotwatch: tracing' said
echo >&"$steps"
wait_until grep -qs MORE told
kill -INT "$while_traced"
wait "$while_traced"
says "a trace of a while names those who made what came" "
new = [r for r in rows if r['size'] == 262144 and r['made_by'].startswith('remains+0x')]
assert len(new) == 7, new
assert any(r['made_by'] == 'there before' for r in rows)"

# As it was recorded, and ended
exec {steps}>&-
wait "$tracer"
"$MPROTWATCH" maps -j -i left.rec -p "$workload" >rows.ndjson 2>err
says "a process that ended has its last mappings, and who made them" "
made = [r for r in rows if 'session' in r.get('functions', '')]
assert len(made) == 97 and all(r['size'] == 262144 and r['ended'] and r['certain'] for r in rows if r in made)
guard = [r for r in rows if r['use'] == 'guard' and 'coroutine' in r['functions']]
assert len(guard) == 300 and all(r['was'] == 'rw-' and r['change']['call'] == 'mprotect'
    and r['changed_ns'] > r['made_ns'] for r in guard), guard[:1]
assert [r['start'] for r in rows] == sorted(r['start'] for r in rows)"
"$MPROTWATCH" maps -i left.rec -p "$workload" >table 2>err
holds "and says so" "$(cat err)$(
	grep -qE "^$workload remains .*, ended .* with status 0: its last mappings" table || head -n 1 table
	grep -q 'was rw- until .*, changed by remains+0x.* (coroutine < main)' table || cat table
)"
"$MPROTWATCH" maps --plain -i left.rec -p "$workload" >plain 2>err
holds "plainly, too" "$(
	grep -qE "process $workload remains .*: these are its last mappings" err || cat err
	python3 - plain rows.ndjson <<-'END' 2>&1 | tail -n 3
		import json, sys
		plain = sum(int(b, 16) - int(a, 16) for a, b in
		            (line.split()[0].split("-") for line in open(sys.argv[1])))
		assert plain == sum(json.loads(line)["size"] for line in open(sys.argv[2])), plain
	END
)"
guard=$(python3 -c 'import json
print(next(r["start"] for r in map(json.loads, open("rows.ndjson")) if r["use"] == "guard" and "coroutine" in r["functions"]))')
"$MPROTWATCH" addr -j -i left.rec "$guard" >rows.ndjson 2>err
says "an address has its past" "
[r] = rows
assert r['use'] == 'guard' and r['was'] == 'rw-' and r['steps'] == 2, r
assert [(s['by'], s['before'], s['after']) for s in r['history']] == [
    ('mmap', None, 'rw-'), ('mprotect', 'rw-', '---')], r['history']
assert r['history'][0]['ts_ns'] == r['made_ns'] and r['history'][1]['ts_ns'] == r['changed_ns']
assert 'coroutine' in r['change']['functions']"
"$MPROTWATCH" maps -j --since "#1" -i left.rec -p "$workload" >table 2>err
equals "--since takes no number of a change" "$? $(grep -c 'wants a time' err)" "2 1"
number=$(python3 -c 'import json; print(json.loads(open("rows.ndjson").readline())["made_ns"])')
when=$(sqlite3 left.rec "SELECT '#' || min(id) FROM changes WHERE ts_ns = $number" 2>/dev/null)
if [[ $when ]]; then
	"$MPROTWATCH" addr -j --at "$when" -i left.rec "$guard" >rows.ndjson 2>err
	says "and what it was at a moment" "
[r] = rows
assert r['use'] == 'thread stack' and r['steps'] == 1 and not r['ended'], r"
fi
"$MPROTWATCH" addr -i left.rec 1000 >page 2>err
equals "an address where nothing ever was" "$(cat err page)" "1000: nothing was mapped there, in any process"
"$MPROTWATCH" addr -i left.rec -p 4194303 1000 >page 2>err
equals "a process that is not in it" "$? $(grep -c 'was not there' err)" "1 1"
exit $failed

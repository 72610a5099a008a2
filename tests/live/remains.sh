#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What remains mapped, and who made it: named by what it is and by the code that left it, at any
# moment, and its sums are those of /proc/PID/maps at that moment.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

rec=left.rec # no word of it is to be split
rows=() # options of the report

# rows TEST CODE: the report's rows hold what CODE, in Python, asserts
rows() {
	"$MPROTWATCH" report -q -j "${rows[@]}" >rows.ndjson 2>err
	holds "$1" "$(grep -v 'was cut off' err)$(
		python3 - rows.ndjson <<-END 2>&1 | tail -n 3
			import json, re, subprocess, sys
			told = [json.loads(line) for line in open(sys.argv[1])]
			made = [r for r in told if r.get("by") == "maker"]
			mapped = [r for r in told if r.get("by") == "mapped"]
			def left(name, use, size=None):
			    return [r for r in made if r["caller"] and r["caller"].get("module", "").endswith(name)
			            and r["use"] == use and size in (None, r["most"])]
			def sizes(text):
			    return [int(b, 16) - int(a, 16) for a, b in re.findall(r"(?m)^(\w+)-(\w+) (?!--xp 0+ 00:00 0 +\[vsys)", text)]
			def maps(*options):
			    return subprocess.run(["$MPROTWATCH", "maps", "--plain", "-i", "$rec", "-p", "$workload", *options],
			        check=True, capture_output=True, text=True).stdout
			$2
		END
	)"
}

mkfifo steps
"$MPROTWATCH" record -k -o "$rec" -- "$workloads/remains" <steps >told 2>record.err &
tracer=$!
started+=("$tracer")
exec {steps}>steps
wait_until grep -qs READY told
read -r _ workload < <(grep READY told)
sleep 1.2 # the recorder writes once in a second
first=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
cp "/proc/$workload/maps" first.maps

rows=(-i "$rec")
rows "a pool that gives nothing back is named, and one that does is not" "
[s] = [r for r in left('remains', 'anon', 262144) if r['mappings'] == 90]
assert s['bytes'] == 90 * 262144 and not s['ended'] and 'session' in s['functions'], s
assert not [r for r in made if 'request' in r.get('functions', '')]"
rows "views of a file that were never unmapped go by its name" "
[v] = [r for r in made if r['mapping'].endswith('/view.data')]
assert v['mappings'] == 20 and v['use'] == 'shared' and 'view' in v['functions'], v"
rows "stacks of coroutines and their guards are told apart" "
[s] = [r for r in left('remains', 'thread stack') if 'coroutine' in r['functions']]
[g] = [r for r in left('remains', 'guard') if 'coroutine' in r['functions']]
assert s['mappings'] == g['mappings'] == 300 and g['bytes'] * 3 == s['bytes'], (s, g)"
rows "a thread's stack that nobody joined, and its arena" "
t = [r for r in made if r['use'] == 'thread stack' and 'pthread_create' in r.get('functions', '')]
assert len(t) == 1 and t[0]['mappings'] == 1 and 'main' in t[0]['functions'], t
a = [r for r in made if r['use'] == 'arena']
assert all('malloc < worker' in r['functions'] for r in a), a
assert sum(r['bytes'] for r in a) == 64 << 20, a"
rows "sums are those of maps, by right, by use and by maker" "
[m] = [m for m in mapped if m['pid'] == $workload]
kernel = sum(sizes(open('first.maps').read()))
assert sum(m['bytes_by_right'].values()) == sum(m['bytes_by_use'].values()) == kernel == m['mapped']['now'], m
assert sum(r['bytes'] for r in made) == kernel
assert m['certain'] and m['limit'] == int(open('/proc/sys/vm/max_map_count').read()), m
assert 0 < m['mappings']['now'] <= len(sizes(open('first.maps').read())), m"
"$MPROTWATCH" report -q -i "$rec" >page 2>err
holds "the page says so in 80 columns of words" "$(
	grep -qE '^ +90 +22.5M +256K  rw- anon +remains\+0x' page || echo "no row"
	grep -qE ' map < buffer < session' page || echo "no functions"
	grep -qE '^ +300 +3.5M +12K  rw- thread stack remains' page || echo "no stacks"
	head -n 30 page | grep -qE "^ +[0-9]+ +[0-9]+ +$(cat /proc/sys/vm/max_map_count) " || echo "no limit"
)"

echo >&"$steps"
wait_until grep -qs MORE told
sleep 1.2
rows=(-i "$rec" --since "$first")
rows "what was made since a moment" "
assert [(r['mappings'], r['bytes']) for r in made] == [(7, 7 * 262144)], made"
rows=(-i "$rec" --at "$first")
rows "and as it was at that moment" "
[s] = [r for r in left('remains', 'anon', 262144) if 'session' in r['functions']]
assert s['mappings'] == 90, s
assert sum(r['bytes'] for r in made) == sum(sizes(open('first.maps').read()))"
for n in 100 333 700; do
	rows=(-i "$rec" --at "#$n")
	rows "sums at change $n are those of maps then" "
assert sum(r['bytes'] for r in made) == sum(sizes(maps('--at', '#$n'))) > 0"
done
rows=(-i "$rec" --since '#7')
"$MPROTWATCH" report "${rows[@]}" >page 2>err
equals "--since takes no number of a change" "$? $(grep -c 'wants a time' err)" "2 1"

exec {steps}>&-
wait "$tracer"
equals "and so it ended" $? 0
rows=(-i "$rec" --by mapped)
rows "an ended process shows what it left" "
[s] = [r for r in left('remains', 'anon', 262144) if 'session' in r['functions']]
assert s['mappings'] == 97 and s['ended'], s
assert all(r['ended'] for r in made + mapped)"
"$MPROTWATCH" report -q -j --by mapped -o live.json -- "$workloads/remains" </dev/null >told 2>err
holds "a live report says it, too" "$(cat err)$(grep -c '"mappings":90,"bytes":23592960' live.json | grep -vx 1)"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# --csv says what -j says of the same events, in RFC 4180, and nothing in it acts in a terminal.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$MPROTWATCH" record -q -o all.rec -- bash -c "
	'$workloads/names'; '$workloads/fault' write; '$workloads/fault' wild; '$workloads/protect'
" >/dev/null 2>&1
"$MPROTWATCH" -q --no-timeline -i all.rec -j >all.json
"$MPROTWATCH" -q --no-timeline -i all.rec --csv >all.csv
cat >compare.py <<'END'
import csv, json, sys

def state(s):
    return s["prot"] + ("s" if s["shared"] else "p") if s["state"] == "mapped" else s["state"]

rows = list(csv.DictReader(open("all.csv", newline="")))
want = []
for line in open("all.json"):
    o = json.loads(line)
    if o["type"] == "change":
        want.append((o["ts_ns"], o["pid"], o["tid"], "change", o.get("call", {}).get("name", ""),
                     o["start"], o["end"], o["size"], state(o["before"]), state(o["after"]), o.get("offset", "")))
    elif o["type"] == "call" and not o["changes"]:
        want.append((o["ts_ns"], o["pid"], o["tid"], "call", o["call"]["name"], "", "", "", "", "", ""))
    elif o["type"] in ("fork", "exit", "exec"):
        want.append((o["ts_ns"], o["pid"], o["tid"], o["type"], "", "", "", "", "", "", ""))
have = [(r["ts_ns"], r["pid"], r["tid"], r["type"], r["call"], r["start"], r["end"], r["size"],
         r["before"].lstrip("'"), r["after"].lstrip("'"), r["offset"])
        for r in rows if r["type"] not in ("finding", "fault", "loss")]
want = [tuple(map(str, w)) for w in want]
print(len(want), file=sys.stderr)
for w, h in zip(want, have):
    if w != h:
        print("JSON", w, "CSV", h)
        break
if len(want) != len(have):
    print(f"JSON {len(want)} rows, CSV {len(have)}")
if not any(r["type"] == "fault" and "SIGSEGV" in r["note"] for r in rows):
    print("no fault")
if not any(r["call"] == "mprotect" and r["note"].startswith("E") for r in rows):
    print("no failed call")
END
holds "rows are as the lines of JSON" "$(python3 compare.py 2>count)"
holds "there are many" "$(awk '$1 < 100' count)"
holds "no control character is in them" "$(LC_ALL=C grep -n $'[\x01-\x09\x0b\x0c\x0e-\x1f\x7f]' all.csv | head -n 3)"
equals "the first line names the columns" "$(head -n 1 all.csv)" \
	$'ts_ns,time,type,pid,tid,comm,call,start,end,size,before,after,mapping,offset,caller,note\r'
"$MPROTWATCH" -q --no-timeline -i all.rec --csv --no-header --max-events 3 -e mmap >three.csv
equals "--no-header, -e and --max-events hold" "$(wc -l <three.csv)" 3
lines() {
	"$MPROTWATCH" -q --no-timeline -i all.rec --no-header --severity info --max-events "$@"
}
for n in 5 20 40; do
	equals "--max-events $n counts as in text" \
		"$(lines $n --csv | grep -vcE ',"(finding|loss)",')" \
		"$(lines $n | grep -E '^[0-9:.]+ +.{15} +[0-9]+ [a-z_]+ ' | grep -cvE '^[0-9:.]+ +.{15} +[0-9]+ (low|info) ')"
done
"$MPROTWATCH" -q --no-timeline -i all.rec --csv --fields cpu,cmdline,uid >facts.csv
"$MPROTWATCH" -q --no-timeline -i all.rec -j --fields cpu,cmdline,uid >facts.json
holds "--fields adds columns, with what JSON has" "$(python3 -c 'import csv, json
rows = {(r["ts_ns"], r["call"], r["start"]): r for r in csv.DictReader(open("facts.csv", newline=""))}
nr = 0
for o in map(json.loads, open("facts.json")):
    if o["type"] == "change" and "call" in o:
        r = rows[str(o["ts_ns"]), o["call"]["name"], o["start"]]
        nr += 1
        if (r["cpu"], r["uid"], bool(r["cmdline"])) != (str(o["cpu"]), str(o["uid"]), "cmdline" in o):
            print(o, r)
if nr < 50:
    print("only", nr, "changes")')"
exit $failed

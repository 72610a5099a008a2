#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# HACKING.md says what adding a thing takes. samples/ has one of each: they are applied to a copy of
# the tree, touch the places that HACKING.md names and no others, build, and do what they are for.
# shellcheck source=tests/tap.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
# shellcheck source=tests/wait.sh
. tests/wait.sh
# shellcheck source=tests/build/lib.sh
. tests/build/lib.sh

copy=$tmp/tree
declare -A rows=([detector]="a detector" [output]="an output" [verb]="a verb" [fact]="a fact"
	[filter]="a filter of processes")

# The places that HACKING.md names for a thing, as patterns of paths.
places() {
	sed -n "s/^| ${rows[$1]} | \(.*\) |$/\1/p" HACKING.md | grep -o '`[^`]*`' | tr -d '`' |
		sed 's/NAME/[a-z_]*/; s/WING/[a-z]*/; s|/$|/[^ ]*|; s/\./\\./g'
}

# Files that a patch touches, and HACKING.md does not name for such a thing.
strays() {
	sed -n 's|^+++ b/||p' "tests/build/samples/$1.patch" | grep -vxEf <(places "$1") |
		sed 's/$/ is not named by HACKING.md/'
}

for sample in detector output verb fact filter; do
	holds "the sample of ${rows[$sample]} touches what HACKING.md names" "$(
		places $sample | grep -q . || echo "HACKING.md has no row for it"
		strays $sample
	)"
done

# With what is built already, so that only what the samples touch is built anew.
mkdir "$copy"
{
	sources | xargs -0 cp -pP --parents -t "$copy" && cp -a "$O" "$copy/build" &&
		cat tests/build/samples/*.patch | patch -d "$copy" -p1 -F 3 --forward --no-backup-if-mismatch &&
		env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL make -C "$copy" -j"$(nproc)" WERROR=1 all
} >"$tmp/log" 2>&1 || {
	holds "the samples apply, and build" "$(tail -n 20 "$tmp/log")"
	exit 1
}
program=$copy/build/mprotwatch

equals "the verb runs" "$("$program" calls | head -n 1)" mmap
holds "the verb is in the help" "$("$program" --help | grep -q '^  calls ' || echo "it is not")"
holds "options of the output and the filter are in the help" "$(
	for option in --counts --no-root; do
		"$program" --help | grep -q -e "^ *$option " || echo "$option is not"
	done
)"
zstd -qd -o "$tmp/flip.rec" tests/replay/recordings/version2-flip.rec.zst
holds "the output counts as SQL does" "$(diff \
	<("$program" -q --counts -i "$tmp/flip.rec" | sort) \
	<("$program" query --csv -i "$tmp/flip.rec" "SELECT call || ' ' || count(*) FROM changes
			WHERE call NOT IN ('exec', 'snapshot') GROUP BY call" |
		sed 1d | tr -d '"\r' | sort))"
holds "the detector finds" "$(
	"$program" findings -q -i "$tmp/flip.rec" | grep -q 'sample-code-gone: ' || echo "it does not")"
holds "the fact has its place in the schema of JSON" "$(
	"$program" --json-schema | grep -q '"oom_score_adj"' || echo "it has none")"
rows() {
	"$program" -q "$@" -i "$tmp/flip.rec" --csv --no-header | grep -c . && echo fine
}
equals "the filter leaves out root on replay" \
	"$(rows | sed 's/[1-9][0-9]*/some/' | paste -s) $(rows --no-root | paste -s)" "some	fine 0"

if [[ $(id -u) != 0 ]] || ! "$program" doctor >/dev/null 2>&1; then
	skip "the fact and the filter, live" "tracing is not possible here"
	exit $failed
fi
# The program sleeps until it has been looked at.
"$program" record -q -o "$tmp/live.rec" -- \
	bash -c 'echo 123 >/proc/self/oom_score_adj; exec sleep 2'
holds "the fact is in lines" "$(
	"$program" -q -i "$tmp/live.rec" -j | grep -q '"oom_score_adj":123' || echo "it is not")"
holds "the fact is in text, when asked for" "$(
	"$program" -q -i "$tmp/live.rec" --no-timeline --fields oom_score_adj |
		grep -q 'oom_score_adj=123' || echo "it is not")"
equals "the fact is in SQL" "$("$program" query --csv -i "$tmp/live.rec" \
	"SELECT count(*) FROM processes WHERE oom_score_adj = 123" | tail -n 1 | tr -d '\r')" 1
# The page's data are deflated, in base64.
holds "the fact is in the page" "$(
	"$program" timeline -q -i "$tmp/live.rec" --html "$tmp/page.html"
	python3 -c 'import base64, re, sys, zlib
text = re.search("id=\"data\"[^>]*>([^<]*)<", open(sys.argv[1]).read()).group(1)
if b"\"oom_score_adj\"" not in zlib.decompress(base64.b64decode(text)):
    print("it is not")' "$tmp/page.html" 2>&1)"
"$program" --no-root -j -o "$tmp/nobody.json" 2>"$tmp/nobody.err" &
tracer=$!
wait_until grep -q 'mprotwatch: tracing' "$tmp/nobody.err"
setpriv --reuid=65534 --clear-groups true
bash -c true
wait_until grep -q '"comm":"true"' "$tmp/nobody.json"
kill -TERM $tracer
wait $tracer
equals "a trace with the filter ends well" $? 0
holds "the filter shows what others run" "$(
	grep -q '"comm":"true"' "$tmp/nobody.json" || echo "nothing is shown")"
equals "the filter leaves out root in the kernel" \
	"$(grep '"type":"exec"' "$tmp/nobody.json" | grep -c '"uid":0[,}]')" 0
exit $failed

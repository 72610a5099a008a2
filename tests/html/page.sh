#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The HTML timeline in a real browser: it says what the recording says, reacts to
# mouse and keys, and no name that a process chose can do anything. Screenshots are
# left in the directory of logs. And the SVG timeline.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

here=$top/tests/html
shots=$O/test-logs
mkdir -p "$shots"

# A file named like markup that runs: the path of a program, its comm, and the command traced.
hostile="$scratch/a<b/<!--</script><img src=x onerror=alert(1)>"
mkdir -p "${hostile%/*}"
cp "$workloads/flip" "$hostile"

quietly() {
	"$MPROTWATCH" "$@" >out 2>err </dev/null || cat out err
}

holds "a live trace ends with a page" "$(quietly timeline --html live.html -- "$workloads/flip")"
holds "a recording of several processes" "$(quietly record -o all.rec -- \
	sh -c "for a in wx stomp memfd; do '$workloads/attack' \$a; done; '$workloads/flip'; '$workloads/family'")"
holds "shown as a page" "$(quietly timeline -i all.rec --html all.html)"
holds "writes by a process's number" "$(quietly record -o writes.rec -- \
	sh -c "for a in poke vm-wx mem; do '$workloads/write' \$a; done")"
holds "as a page" "$(quietly timeline -i writes.rec --html writes.html)"
holds "a program with a hostile name" "$(quietly record -o hostile.rec -- "$hostile")"
holds "shown as a page too" "$(quietly timeline -i hostile.rec --html hostile.html)"
"$MPROTWATCH" timeline --ring-size 64K --html loss.html -- bash -c \
	'kill -STOP $PPID; "$0" 100000x & sleep 0.4; kill -CONT $PPID; wait' "$workloads/storm" >out 2>err </dev/null
holds "losses, as a page" "$(grep -qE '[1-9][0-9]* lost' err || cat err)"
holds "a million changes" "$("$O/bench/recording" million.rec 1000000 >out 2>&1 || cat out)"
holds "as a page" "$(quietly timeline -i million.rec --html million.html)"
equals "files that are made belong to their maker alone" "$(stat -c %a all.html)" 600
holds "a page is as long as its data, not as its recording" \
	"$(find . -name million.html -size +4096k)"

holds "no markup comes of a name" "$(grep -n 'onerror' hostile.html)"
equals "two pictures at once are wrong usage" \
	"$("$MPROTWATCH" timeline -i all.rec --html a.html --svg a.svg 2>err; echo "$? $(wc -l <err)")" "2 1"

for name in all hostile million writes; do
	holds "an SVG of $name" "$(quietly timeline -i $name.rec --svg $name.svg)"
done
if command -v xmllint >/dev/null; then
	holds "they are well-formed XML" "$(xmllint --noout ./*.svg 2>&1)"
else
	skip "they are well-formed XML" "xmllint is not installed"
fi
holds "an SVG has regions, legend, and what is writable and executable" "$(
	for what in '>\[heap\]<' '>unknown<' "class='s8'" 'WX!'; do
		grep -q "$what" all.svg || echo "no $what"
	done
)"
holds "and who wrote into a process by its number" "$(grep -A9 "class='wr'" writes.svg |
	grep -q '<title>+.* written by .* with ' || cat writes.svg)"
holds "the size of an SVG does not grow with its recording" "$(find . -name million.svg -size +512k)"
holds "nothing in an SVG can run or load" "$(grep -niE '<(script|img|image|foreignObject|use)\b|href' ./*.svg)"

why=
command -v node >/dev/null || why="node is not installed"
command -v chromium >/dev/null || why="chromium is not installed"
export NODE_PATH=$O/html/node_modules
[[ -d $NODE_PATH/playwright-core ]] || why="playwright-core is not installed (tests/deps.sh test)"
if [[ $why ]]; then
	skip "in a browser" "$why"
	exit $failed
fi
export MPROTWATCH
node "$here/browser.js" "$scratch" "$shots" || failed=1
exit $failed

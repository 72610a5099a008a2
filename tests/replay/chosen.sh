#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Names that a hostile process chose, in every output, as others read it: Python, protoc, sqlite3.
# All of it is valid in its format, and no text in it does anything but show characters.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

here=$PWD/tests/replay
MPROTWATCH=$(realpath "${MPROTWATCH:-build/mprotwatch}")
chosen=$(realpath "${O:-build}/tests/replay/test_chosen")
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
export LC_ALL=C.UTF-8 TZ=UTC
"$chosen" rec || exit 2

# shown READER ARGUMENT...: what the program writes then is read by chosen.py as that.
shown() {
	local reader=$1

	shift
	"$MPROTWATCH" "$@" >out 2>err </dev/null
	holds "$*" "$(
		[[ -s out ]] || echo "it says nothing"
		python3 "$here/chosen.py" "$reader" out 2>&1
		python3 "$here/chosen.py" text err 2>&1
	)"
}

# drawn READER ARGUMENT...: the same of the file that is named last.
drawn() {
	"$MPROTWATCH" "${@:2}" >out 2>&1 </dev/null
	holds "${*:2}" "$(python3 "$here/chosen.py" "$1" "${!#}" 2>&1; python3 "$here/chosen.py" empty out 2>&1)"
}

shown text -i rec -k --fields cmdline,cgroup --severity info
shown text -i rec --color=never --time=delta
shown text timeline -i rec --all
shown text findings -i rec
shown text report -i rec --top 100
shown text report -i rec --shared --top 100
shown text audit -i rec
shown text info -i rec
shown text info --check -i rec
shown text query -i rec 'SELECT * FROM changes'
shown text query -i rec 'SELECT * FROM processes, findings, lifecycle, stacks LIMIT 3000'
shown text findings -i rec --learn
shown json -i rec -j -k --fields cmdline,cgroup --severity info
shown json report -i rec -j
shown json audit -i rec -j
shown json query -j -i rec 'SELECT * FROM changes'
shown json export -i rec --format json
shown csv -i rec --csv --fields cmdline,cgroup --severity info
shown csv export -i rec --format csv
shown csv query --csv -i rec 'SELECT comm, mapping, caller FROM changes UNION SELECT comm, exe, cgroup FROM processes'
drawn xml timeline -q -i rec --svg drawn.svg
drawn page timeline -q -i rec --html drawn.html
drawn json timeline -q -i rec --chrome drawn.json

# To a pipe, maps writes bytes as the kernel does; what is on a terminal is escaped.
if command -v script >/dev/null; then
	script -qec "'$MPROTWATCH' maps --plain -i rec -p 101 --at +0.0000095s" /dev/null <<<"" | tr -d '\r' >out
	holds "maps on a terminal" "$(grep -q '/tmp/.x1b\[2J' out || cat -v out; python3 "$here/chosen.py" text out 2>&1)"
else
	skip "maps on a terminal" "script is not installed"
fi
if command -v protoc >/dev/null; then
	"$MPROTWATCH" timeline -q -i rec --severity info --perfetto drawn.pf 2>err
	protoc --decode pf.Trace -I "$here/../../user/sink/tracks" perfetto.proto <drawn.pf >out 2>>err
	holds "timeline --perfetto" "$(cat err; python3 "$here/chosen.py" protoc out 2>&1)"
else
	skip "timeline --perfetto" "protoc is not installed"
fi
if command -v sqlite3 >/dev/null; then
	for table in $(sqlite3 rec "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT IN ('block', 'seal')"); do
		sqlite3 rec "SELECT * FROM $table"
	done >out 2>err
	holds "sqlite3 on all tables and views" "$(cat err; python3 "$here/chosen.py" text out 2>&1)"
else
	skip "sqlite3 on all tables and views" "sqlite3 is not installed"
fi
exit $failed

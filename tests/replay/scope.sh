#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Time and place: each output shows the part of a recording that is asked for, and the same part.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh

MPROTWATCH=$(realpath "${MPROTWATCH:-build/mprotwatch}")
recordings=$PWD/tests/replay/recordings
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

if ! command -v zstd >/dev/null; then
	echo "SKIP zstd is not installed"
	exit 77
fi
zstd -dq tests/replay/recordings/version2-flip.rec.zst -o "$scratch/flip.rec" || exit 2
cd "$scratch" || exit 2

# run OPTION...: the trace of the recording.
run() {
	"$MPROTWATCH" --utc -q -i flip.rec "$@"
}

# shown NAME WANTED OPTION...: how many lines there are of each call; the other formats have as many.
shown() {
	run --no-timeline --no-header --severity high "${@:3}" | awk '{ print $4 }' >text
	run --csv --severity high "${@:3}" | tail -n +2 >csv
	run -j --severity high "${@:3}" | grep -E '"type":"(change|exec|exit|fork)"|"type":"call".*"changes":0' >json
	equals "$1" "$(sort text | uniq -c | awk '{ print $2, $1 }' | paste -sd ,)" "$2"
	equals "$1, in CSV and JSON" "$(wc -l <csv) $(wc -l <json)" "$(wc -l <text) $(wc -l <text)"
}

shown "rights that come" "mmap 2,mprotect 8" --prot +x
shown "rights that go" "mprotect 7,munmap 1" --prot -x
shown "rights that come or go" "mmap 2,mprotect 15,munmap 1" --prot x
shown "from rights to others" "mprotect 8" --transition rw-:r-x
shown "from any" "mmap 2,mprotect 8" --transition '?:??x'
shown "from nothing" "mmap 1" --transition none:rwx
shown "as lines have it" "mprotect 8" --transition 'rw- -> r-x'
shown "what was unmapped" "munmap 3" --transition '???:none'
shown "a library" "mmap 4,mprotect 1" --map 'libc.so*'
shown "a name with brackets" "brk 8" --map '[heap]'
shown "an address" "mmap 2,munmap 2" --addr 7faeda28b000
shown "a range" "brk 8" --addr 55d386000000-55d387000000
shown "a range by its size" "brk 1" --addr 55d386111000+4K
shown "a size" "brk 4,mmap 2" --min-size 1M
shown "all of them" "brk 4" --min-size 1M --map '[heap]' --prot +w
shown "besides the calls that are chosen" "" --map '[heap]' -e mprotect
shown "a time" "brk 1,exit 1,mprotect 3,munmap 1" --since 06:57:57
shown "until a time" "brk 1,mprotect 1" --since 06:57:57 --at 06:57:57.05
shown "times since the start" "exec 1" --at +1.8615s
shown "time and place" "mprotect 1" --since 06:57:57 --prot +x

equals "a call in vain is what it asked for" "$(run --no-timeline --no-header -x --prot +w | grep -c ENOMEM)" 1
equals "a place that it does not touch" "$(run --no-timeline --no-header -x --addr 1000)" ""
equals "findings in a place" "$("$MPROTWATCH" findings -q -i flip.rec --addr 7faeda288000 |
	grep -oE '(info|low|MEDIUM|HIGH) [a-z-]+' | sort -u | tr '\n' ' ')" "low wx "
equals "findings of a turn" "$("$MPROTWATCH" findings -q -i flip.rec --csv --transition r-x:rw- |
	grep -oE ' x-to-w' | sort -u)" " x-to-w"
equals "findings of a time" "$("$MPROTWATCH" findings -q -j -i flip.rec --utc --since 06:57:57.16 |
	grep -c '"state":"new"')" 1
equals "an export" "$("$MPROTWATCH" export -q -i flip.rec --format json --map '[heap]' |
	grep -c '"type":"change"')" 8

timeline() {
	COLUMNS=100 "$MPROTWATCH" timeline --utc -q -i flip.rec "$@" >out
	grep -cE '^[0-9a-f]{6,}' out
}

equals "the timeline has the regions that such a change touched" "$(timeline --transition rw-:r-x)" 8
equals "and counts the others" "$(grep -c '\.\.\. 28 regions with no such change' out)" 1
equals "its findings are those" "$(grep -oE 'low [a-z-]+:' out)" "low w-to-x:"
equals "an address is one region" "$(timeline --addr 7faeda28b000)" 1
equals "the heap" "$(timeline --map '[heap]')" 1
equals "mappings that never changed, by name" "$(timeline --all --map '*/flip')" 4
timeline --since 06:57:57 >/dev/null
equals "the timeline begins then" "$(grep -c 'from 06:57:57.000000 on' out)" 1
equals "what was before is drawn as it was then" "$(grep -cE '^7faeda288000 .*WX! +1 \|#+\|' out)" 1
equals "the picture, too" "$("$MPROTWATCH" timeline -q -i flip.rec --transition rw-:r-x --svg - |
	grep -c 'W&gt;X')" "$("$MPROTWATCH" timeline -q -i flip.rec --svg - | grep -c 'W&gt;X')"

report() {
	"$MPROTWATCH" report -q -i flip.rec "$@"
}

equals "a report's sums" "$(report --by mapping --map '[heap]' | tail -n +2 | awk '{ print $1, $NF }')" "8 [heap]"
equals "by transition" "$(report --by transition --prot +x | tail -n +2 | awk '{ print $1, $5, $6, $7 }' | head -n 1)" \
	"8 rw- -> r-x"
equals "what remains in a place" "$(report --by mapped --map '[heap]' |
	sed '1,/^ *pieces /d' | grep -vc 'heap')" 0

equals "mappings in a place" "$("$MPROTWATCH" maps -i flip.rec -p 18713 -j --map '[heap]' |
	grep -c '"\[heap\]"')" "$("$MPROTWATCH" maps -i flip.rec -p 18713 -j | grep -c '"\[heap\]"')"
equals "and no others" "$("$MPROTWATCH" maps -i flip.rec -p 18713 -j --map '[heap]' | grep -vc '"\[heap\]"')" 0

zstd -dq "$recordings/version2-spawn.rec.zst" -o spawn.rec || exit 2
by_exe() {
	"$MPROTWATCH" --utc -q -i spawn.rec --no-timeline --no-header --exe "$1" | awk '{ print $2 }' | sort -u | paste -sd ,
}
equals "a program, by its name" "$(by_exe spawn)" spawn
equals "by its path" "$(by_exe '/usr/bin/un*')" unshare
equals "not by a part of it" "$(by_exe 'bin/unshare')" ""
equals "a child is what it becomes" "$(by_exe 'sleep')" sleep
equals "none" "$("$MPROTWATCH" -i spawn.rec --exe nowhere 2>&1 | grep -c 'no process of the recording matches')" 1

until_last() {
	run --no-timeline --no-header --until "$@" 2>&1 | tail -n 1 | cut -d ' ' -f 1
}

equals "the end is the event with the finding" "$(until_last w-to-x)" 06:57:56.265999
equals "or the first of several" "$(until_last x-to-w,wx)" 06:57:56.202941
equals "or of a severity" "$(until_last low)" "$(until_last tmp-exec)"
equals "or so long after it" "$(until_last w-to-x+62.349ms)" 06:57:56.328347
equals "and not a nanosecond longer" "$(until_last w-to-x+62.342ms)" 06:57:56.265999
equals "a finding elsewhere is none" "$(until_last w-to-x --map '[heap]' --prot +w)" 06:57:57.049674
equals "nor one before" "$(until_last x-to-w --since 06:57:57.05)" 06:57:57.169917
equals "what never came is said" "$("$MPROTWATCH" -i flip.rec --until high 2>&1 >/dev/null | grep -c 'no such finding came (high)')" 1
equals "a timeline ends then" "$("$MPROTWATCH" timeline -q -i flip.rec --until wx | grep -c 'still running')" 1
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is recorded is what was seen: replay shows it to the byte, also when the
# recorder was killed, the disk was full, or the power went.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

same() {
	holds "$1" "$(cmp "$2" "$3" 2>&1 || diff "$2" "$3" | head -n 5)"
}

says() {
	holds "$1" "$(grep -q "$2" err || cat err)"
}

# record NAME OPTION...: with lines on, into NAME.rec and NAME.live
record() {
	local name=$1

	shift
	"$MPROTWATCH" record -v -o "$name.rec" "$@" >"$name.live" 2>"$name.err" </dev/null
}

replay() {
	"$MPROTWATCH" "$@" 2>err
}

record text -- "$workloads/flip"
equals "a recorded command ends with its status" $? 0
replay -i text.rec >again
same "text and timeline replayed are those of the live run" text.live again
replay -i text.rec >twice
same "and so a second time" again twice
equals "a recording is one file" "$(echo text.rec*)" text.rec
equals "and nobody else's to read" "$(stat -c %a text.rec)" 600
replay timeline -i text.rec >timeline
holds "the timeline alone is the end of it" "$(
	tail -n "$(wc -l <timeline)" text.live | diff - timeline | head -n 5
)"
says "it says what is replayed" "replaying $workloads/flip"

record json -j --timeline -- "$workloads/flip"
replay -j --timeline -i json.rec >again
same "JSON replayed is that of the live run" json.live again
replay -j -i text.rec >again
holds "JSON of what was seen as text is valid" "$(
	python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <again 2>&1 | tail -n 1
)"
total=$(sed -nE 's/.* ([0-9]+) changes,.*/\1/p' text.err)
equals "info counts changes as the totals of the trace did" \
	"$("$MPROTWATCH" info -i text.rec | sed -nE 's/^changes +//p')" "$total"
"$MPROTWATCH" record -q -o quiet.rec -- "$workloads/flip" >out 2>err
holds "without -v nothing is shown" "$(cat out; complaints err)"

"$MPROTWATCH" record -v -o head.rec -- "$workloads/flip" 2>err | head -n 1 >out
"$MPROTWATCH" info -i head.rec >info 2>err
holds "a reader that has seen enough does not spoil the recording" "$(complaints err; grep -q '^end *clean' info || cat info)"

# Several processes, of which some are known before; the kernel is asked while they run
steps_start steps
"$MPROTWATCH" record -v -j --verify -o steps.rec -p "$workload" >steps.live 2>err </dev/null &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' err
step 1
step 2
stop
steps_end
holds "mirrors were verified while recording" "$(grep -q 'verify: ' err || cat err)"
replay -j -i steps.rec >again
same "a replay of a process that was attached to is that of the live run" steps.live again

"$MPROTWATCH" record -o text.rec -- true 2>err
equals "a file that exists is not replaced" $? 125
says "and why is said" "text.rec.*exist.*--force"
"$MPROTWATCH" record -q --force -o text.rec -- true 2>err
equals "unless --force is given" "$? $(complaints err)" "0 "
ln -s target link.rec
"$MPROTWATCH" record --force -o link.rec -- true 2>err
holds "never through a symbolic link" "$([[ -e target ]] && echo "made target")$(grep -q 'symbolic link' err || cat err)"
"$MPROTWATCH" record -- true 2>err
equals "where to record must be said" $? 2

# Killed. What could be read before the kill can be read after it.
steps_start killed
"$MPROTWATCH" record -o killed.rec -p "$workload" >out 2>err </dev/null &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' err
step 1
calls_in() {
	"$MPROTWATCH" -j -i "$1" 2>err | grep -c '"cause":"call"'
}
is_in() {
	local nr

	nr=$(calls_in "$1")
	((nr >= 2)) || { echo "$nr calls in $1: $(cat err)"; false; }
}
holds "a recording can be read while it is made" "$(wait_until is_in killed.rec)"
mkdir power
cp killed.rec killed.rec-wal power
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
holds "after SIGKILL everything is there" "$(is_in killed.rec)"
says "and that it was cut is said" "was cut off"
"$MPROTWATCH" findings -i killed.rec --fail-on high >out 2>err
equals "that no finding is in it is not certain" $? 3
holds "as it is after the power went" "$(is_in power/killed.rec)"
says "and that is said" "was cut off"
steps_end

# A full disk
mkdir small
if mount -t tmpfs -o size=1M none small 2>/dev/null; then
	"$MPROTWATCH" record -o small/rec -- sh -c "'$workloads/flip'; exec '$workloads/storm' 100000x" >out 2>err
	equals "on a full disk recording fails" $? 125
	says "and why is said" "small/rec.*No space left"
	replay -i small/rec >again
	holds "and what was recorded before is readable" "$(grep -q "flip .*mprotect" again || cat err)"
	says "and that it was cut is said" "was cut off"
	umount small
else
	skip "a full disk" "no file system may be mounted here"
fi

# In pieces: each whole, and together all
mkdir pieces
"$MPROTWATCH" record -q -v -o pieces/rec --rotate-size 100K -- "$workloads/storm" 20000x >live 2>err
: >all
for piece in pieces/rec.00000? pieces/rec; do
	"$MPROTWATCH" info -i "$piece" --check >info 2>err
	equals "${piece##*/} is whole" "$? $(cat err)" "0 "
	replay -i "$piece" --no-timeline >>all
done
holds "there are several" "$([[ -e pieces/rec.000001 ]] || ls pieces)"
holds "together they have all calls" "$(diff <(grep 'storm .* mprotect ' live) <(grep 'storm .* mprotect ' all) | head -n 5)"
holds "each has a checksum, the last one too" "$(for piece in pieces/rec.00000? pieces/rec; do
	[[ -e $piece.sha256 ]] || echo "$piece has none"
done)"
holds "their checksums are right" "$(cd pieces && sha256sum -c --quiet -- *.sha256 2>&1)"
mkdir few
"$MPROTWATCH" record -q -o few/rec --rotate-time 100ms --keep 2 --compress -d 2 -p $$ >out 2>err
equals "the last two are kept, and compressed" \
	"$(ls few | sed 's/[0-9]\{6\}/N/' | sort | uniq -c | tr -s ' \n' ' ')" \
	" 2 rec.N.zst 2 rec.N.zst.sha256 1 rec.zst 1 rec.zst.sha256 "
holds "their checksums are right, too" "$(cd few && sha256sum -c --quiet -- *.sha256 2>&1)"
equals "and they are private" "$(stat -c %a few/* | sort -u)" 600

"$MPROTWATCH" record -q -o few/rec --compress -- true >out 2>err
equals "what a compressed recording would replace is told before it begins" \
	"$? $(grep -c 'few/rec.*exist' err)" "125 1"
"$MPROTWATCH" record -q --force -o few/rec --compress -- true >out 2>err
equals "unless --force is given, too" "$? $(complaints err)" "0 "

# A compressed one is read as it is
"$MPROTWATCH" record -q --force --compress -o zipped -- "$workloads/flip" >out 2>err
zipped=zipped.zst
python3 - $zipped unzipped <<-'END'
	import ctypes, sys
	packed, zstd = open(sys.argv[1], "rb").read(), ctypes.CDLL("libzstd.so.1")
	zstd.ZSTD_getFrameContentSize.restype = zstd.ZSTD_decompress.restype = ctypes.c_ulonglong
	size = zstd.ZSTD_getFrameContentSize(packed, len(packed))
	data = ctypes.create_string_buffer(size)
	assert zstd.ZSTD_decompress(data, ctypes.c_size_t(size), packed, ctypes.c_size_t(len(packed))) == size
	open(sys.argv[2], "wb").write(data.raw)
END
for verb in '' -j timeline report info "maps -p $(sqlite3 unzipped 'SELECT pid FROM process' 2>/dev/null)" \
	'info --check' 'export --format csv'; do
	# shellcheck disable=SC2086
	"$MPROTWATCH" $verb -i unzipped >plain 2>&1
	# shellcheck disable=SC2086
	"$MPROTWATCH" $verb -i $zipped >again 2>&1
	same "compressed or not, it is the same: ${verb:-lines}" plain again
done
equals "what SQL asks, too" "$("$MPROTWATCH" query -i $zipped 'SELECT count(*) > 9 AS n FROM changes' 2>&1 | tail -n 1)" 1
refused() {
	"$MPROTWATCH" -i "$2" >out 2>err
	equals "refused: $1" "$? $(wc -l <err) $(grep -c "$3" err)" "1 1 1"
}
head -c "$(($(stat -c %s $zipped) / 2))" $zipped >short.zst
refused "a compressed recording that is cut short" short.zst "cut short"
cat $zipped <(printf '\x28\xb5\x2f\xfd') >more.zst
refused "one with the begin of another behind it" more.zst "cut short"
cp $zipped bad.zst
printf 'XXXXXXXX' | dd of=bad.zst bs=1 seek=$(($(stat -c %s $zipped) / 2)) conv=notrunc 2>/dev/null
refused "a damaged one" bad.zst "damaged"
printf '\x28\xb5\x2f\xfd\xe0\0\0\0\0\0\0\0\x10' >huge.zst
refused "one that says it is larger than any disk" huge.zst "would not fit"
printf '\x28\xb5\x2f\xfd\x20\x05\x29\0\0hello' >bomb.zst
refused "something else that is compressed" bomb.zst "not a recording"
TMPDIR=/nowhere refused "no place to unpack it" $zipped "no place to unpack it"
equals "nothing is left behind" "$(find /var/tmp -name 'mprotwatch*')" ""

for bad in /nowhere /dev/null /tmp "$0"; do
	replay -i "$bad" >out
	equals "no recording: $bad" "$? $(wc -l <err)" "1 1"
done
exit $failed

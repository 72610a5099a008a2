#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# -k: the functions by which a call came about, in order and by name, though they keep no frame
# pointers and their process is gone; those of code made at run time by what its program says of
# it, which may be hostile; and the same in a replay.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
unset DEBUGINFOD_URLS

# way FILE: the functions of the last mprotect in a text with stacks, innermost first
way() {
	awk '/^[0-9]/ { on = / mprotect /; if (on) way = "" }
		/^        / && on { sub(/\+0x.*/, "", $1); way = way " " $1 }
		END { print way }' "$1"
}

has_truth || { # what a process maps is not known before it is gone
	skip "stacks of a short-lived process" "this kernel does not tell its mappings at exec"
	exit $failed
}

"$MPROTWATCH" -q -k --no-timeline -- "$workloads/stack" >text 2>err
holds "the functions are named in order, up to the first" \
	"$(way text | grep -E '^ mprotect inner outer main .*_start$' >/dev/null || cat text err)"
"$MPROTWATCH" -q --no-timeline -- "$workloads/stack" >text 2>err
equals "without -k there are none" "$(grep -c '^    ' text)" 0


"$MPROTWATCH" -q -k --no-timeline -- "$workloads/stack" mangled >text 2>err
holds "functions of C++ and Rust have the names of their sources" \
	"$(way text | grep -E '^ mprotect Cache::grow<int> <jit::code::Code>::emit main ' >/dev/null || cat text err)"
holds "the caller is a function" \
	"$(grep -E ' mprotect .* Cache::grow<int>\+0x[0-9a-f]+ \(stack\+0x[0-9a-f]+\)' text >/dev/null || cat text err)"
"$MPROTWATCH" record -q -k -o mangled -- "$workloads/stack" mangled >/dev/null 2>err
holds "and so it is in a report on a recording" \
	"$("$MPROTWATCH" report -i mangled | grep -E '^ +1 .* Cache::grow<int>\+0x' >/dev/null || "$MPROTWATCH" report -i mangled)"
"$MPROTWATCH" findings -q -k --severity info -- "$workloads/stack" jit none </dev/null >text 2>err
holds "a finding names it, with the stack below" \
	"$(grep -A 1 ' w-to-x: .* by main+0x' text | grep '^        mprotect+' >/dev/null || cat text err)"

trace json -k -- "$workloads/stack"
as_schema "JSON with stacks is as its schema has it" json
equals "JSON has the same" \
	"$(grep '"name":"mprotect"' json.json | tail -n 1 | grep -o '"stack":.*' | grep -o '"symbol":"[a-z]*"' | head -n 4 | tr -d '\n')" \
	'"symbol":"mprotect""symbol":"inner""symbol":"outer""symbol":"main"'

if command -v strip >/dev/null; then
	strip -o stripped "$workloads/stack"
	"$MPROTWATCH" -q -k --no-timeline -- ./stripped >text 2>err
	holds "without names there are modules and offsets" \
		"$(way text | grep -E '^ mprotect stripped stripped stripped ' >/dev/null || cat text err)"
else
	skip "a stripped program" "strip is not installed"
fi

# A server's answer for a build-id is a file below its address; nobody asks unless told to.
id=$(command -v strip readelf >/dev/null && readelf -n "$workloads/stack" | sed -n 's/ *Build ID: //p')
if [[ $id ]] && ldconfig -p | grep -q libdebuginfod.so.1; then
	mkdir -p "server/buildid/$id"
	cp "$workloads/stack" "server/buildid/$id/debuginfo"
	DEBUGINFOD_CACHE_PATH=$PWD/cache DEBUGINFOD_URLS=file://$PWD/server \
		"$MPROTWATCH" -q -k --no-timeline -- ./stripped >text 2>err
	holds "a debuginfod server has the names" \
		"$(way text | grep -E '^ mprotect inner outer main ' >/dev/null || cat text err)"
else
	skip "names of a debuginfod server" "strip, readelf or libdebuginfod1 is not installed"
fi

"$MPROTWATCH" record -q -v -k -o rec -- "$workloads/stack" >live 2>err
"$MPROTWATCH" -q -k -i rec --timeline >again 2>>err
holds "a replay says the same" "$(diff live again; cat err)"
"$MPROTWATCH" -q -k -j -i rec >again.json
holds "as JSON, too" "$(grep -q '"symbol":"outer"' again.json || tail -n 3 again.json)"
as_schema "which is as its schema has it" again
equals "and SQL has it" "$("$MPROTWATCH" query -i rec "SELECT group_concat(substr(symbol, 1, instr(symbol, '+') - 1), ' ')
	FROM stacks WHERE depth < 4 AND stack = (SELECT stack FROM changes WHERE call = 'mprotect' ORDER BY id DESC LIMIT 1)" | tail -n 1)" \
	"mprotect inner outer main"

# jit HOW: trace it; its call's stack goes to $stack
jit() {
	mkfifo "$1.go"
	"$workloads/stack" jit "$1" <"$1.go" &
	started+=($!)
	exec {go}>"$1.go"
	"$MPROTWATCH" -k --no-timeline -o "$1.text" -p $! 2>"$1.err" &
	tracer=$!
	started+=("$tracer")
	wait_until grep -qs 'mprotwatch: tracing' "$1.err"
	echo >&"$go"
	wait_until grep -qs ' mprotect ' "$1.text"
	stop
	echo >&"$go"
	exec {go}>&-
	stack=$(grep '^        ' "$1.text")
}

# named TEST PATTERN: the frame behind back() is
named() {
	holds "$1" "$(grep -A 1 '^        back+' <<<"$stack" | grep -E "^        $2" >/dev/null || echo "$stack")"
}

jit plain
named "code made at run time has its name" 'made up\+0x[0-9a-f]+ \(\[anon\]\+0x'
holds "and its callers theirs" "$(grep -A 1 'made up' <<<"$stack" | grep '^        enter+' >/dev/null || echo "$stack")"
jit evil
named "a name with an escape sequence is escaped" 'made up\\x1b\[31m\+0x'
jit link
named "a symbolic link is not followed" '\[anon\]\+0x'
jit garbage
named "garbage gives no name" '\[anon\]\+0x'
jit giant
named "of a giant file the begin is read" 'made up\+0x'
jit none
named "and there may be none" '\[anon\]\+0x'
exit $failed

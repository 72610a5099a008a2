#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Usage: what is refused before anything is touched (status 2), and what only prints.

bats_require_minimum_version 1.5.0
load lib.bash

@test "--help prints to stdout and ends well" {
	limited --separate-stderr "$MPROTWATCH" --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ ${lines[0]} == Usage:* ]]
	for option in --pid --tid --user --comm --cgroup --event --failed --duration --output --json \
		--ring-size --strict --timeline --help --version; do
		[[ $output == *"$option"* ]] || { echo "$option is missing"; return 1; }
	done
}

@test "--help fits in 80 columns" {
	mpw --help
	[ "$(wc -L <<<"$output")" -le 80 ]
}

@test "-h is --help, -V is --version" {
	[ "$("$MPROTWATCH" -h)" = "$("$MPROTWATCH" --help)" ]
	[ "$("$MPROTWATCH" -V)" = "$("$MPROTWATCH" --version)" ]
	[[ $("$MPROTWATCH" -V) == mprotwatch\ [0-9]*.[0-9]*.[0-9]* ]]
}

@test "--json-schema prints a JSON schema" {
	"$MPROTWATCH" --json-schema >"$BATS_TEST_TMPDIR/schema.json"
	"$BATS_TEST_DIRNAME"/../live/check.py schema "$BATS_TEST_TMPDIR/schema.json"
}

@test "help goes wrong when it can't be written" {
	run bash -c "'$MPROTWATCH' --help >/dev/full"
	[ "$status" -eq 1 ]
}

@test "an unknown option is refused, with the nearest known one" {
	mpw --ring-sise 4M
	complains 2 --ring-size
	mpw -Z
	complains 2 Z
}

@test "an option without its argument is refused" {
	mpw -p
	complains 2 "argument"
	mpw --duration
	complains 2 "argument"
}

@test "bad values are refused, and quoted" {
	for bad in "-p 0" "-p x" "-p -5" "-p 1,,2" "-p 99999999999" "-p 12x" "-t 1.5" "-d soon" "-d -1" "-d 5parsec" \
		"--max-events many" "--max-events -1" "--time=noon" "--color=blue" "--ring-size huge" \
		"--ring-size 4G" "-e mprotekt" "-e mprotect,,mmap" "-u no-such-user-here" \
		"-c /no/such/cgroup" "--prot q" "--prot +" "--transition rw-" "--transition rw-:rx" \
		"--until nope" "--until wx+" "--until wx+soon" "--until ,wx" "--until +5s" \
		"--addr 12-" "--addr zz" "--min-size big" "--since yesterday" "--since #5" \
		"--at 1970-01-01T00:00:00Z"; do
		# shellcheck disable=SC2086
		mpw $bad -- true
		[ "$status" -eq 2 ] || { echo "$bad: status $status: $output"; return 1; }
		[[ $output == mprotwatch:* ]] || { echo "$bad: $output"; return 1; }
	done
}

@test "hostile values are escaped in messages" {
	mpw -d $'\e[2J\nx'
	complains 2 '\x1b[2J'
	[[ $output != *$'\e'* ]]
	mpw -e $'\e]0;x\a'
	[[ $output != *$'\e'* ]]
	mpw $'--\e[31m'
	[[ $output != *$'\e'* ]]
}

@test "what excludes each other is refused" {
	mpw -p 1 -- true
	complains 2 ""
	mpw -a -p 1
	complains 2 ""
	mpw -p 1 -t 1
	complains 2 ""
}

@test "outputs of one kind exclude each other, and -o excludes a file that one names" {
	mpw -j --csv -- true
	complains 2 "--json and --csv exclude each other"
	mpw timeline --html x --svg y -- true
	complains 2 "--html and --svg exclude each other"
	mpw timeline --html x -o y -- true
	complains 2 "leave out -o"
	[ ! -e x ] && [ ! -e y ]
}

@test "a recording is not overwritten by what is made of it" {
	echo x >"$BATS_TEST_TMPDIR/a.rec"
	ln -s a.rec "$BATS_TEST_TMPDIR/b.rec"
	for line in "-i a.rec -o a.rec" "timeline -i a.rec --html a.rec" "timeline -i b.rec --svg a.rec" \
		"export -i a.rec --format json -o ./a.rec"; do
		# shellcheck disable=SC2086
		cd "$BATS_TEST_TMPDIR" && mpw $line
		complains 2 "the output is the recording"
	done
	[ "$(cat "$BATS_TEST_TMPDIR/a.rec")" = x ]
}

@test "a verb offers the options of its outputs, and no others" {
	for line in "report --html x" "timeline --csv" "audit --html x" "record --svg x" "query --csv -o x" "maps --csv"; do
		# shellcheck disable=SC2086
		mpw $line
		[ "$status" -eq 2 ] || { echo "$line: status $status: $output"; return 1; }
		[[ $output == *"unknown option"* ]] || { echo "$line: $output"; return 1; }
	done
}

@test "a command needs its --, and -- its command" {
	mpw true
	complains 2 "--"
	mpw --
	complains 2 "--"
}

@test "an error sentence is one line, and hints at --help" {
	mpw --nonsense
	[ "${#lines[@]}" -le 2 ]
	[[ $output == *--help* ]]
}

@test "a recording is no stream: it needs a file" {
	cd "$BATS_TEST_TMPDIR"
	mpw record -o - -- true
	complains 2 "record -o FILE"
	mpw -i -
	complains 2 "-i FILE"
	[ ! -e ./- ]
}

@test "what the name of a file says is what it holds, or it is refused with the line to type" {
	cd "$BATS_TEST_TMPDIR"
	while IFS='|' read -r line wanted; do
		# shellcheck disable=SC2086
		mpw $line
		complains 2 "\"mprotwatch $wanted\""
	done <<-'END'
		timeline -i a.rec -o x.svg|timeline --svg x.svg
		timeline -i a.rec -o x.HTML|timeline --html x.HTML
		timeline -i a.rec --svg x.html|timeline --html x.html
		timeline -i a.rec --html x.pftrace|timeline --perfetto x.pftrace
		timeline -i a.rec --svg x.json|-j -o x.json
		-i a.rec -o x.svg|timeline --svg x.svg
		-i a.rec -o x.json|-j -o x.json
		-i a.rec -j -o x.csv|--csv -o x.csv
		-i a.rec --csv -o x.ndjson|-j -o x.ndjson
		findings -i a.rec -o x.jsonl|findings -j -o x.jsonl
		findings --learn -i a.rec -o x.csv|findings --csv -o x.csv
		report -i a.rec -o x.json|report -j -o x.json
		audit -i a.rec -o x.json|audit -j -o x.json
		export -i a.rec --format csv -o x.json|-j -o x.json
		record -o x.csv -- true|--csv -o x.csv
		-i a.rec -o x.rec|record -o x.rec
	END
	[ -z "$(ls)" ]
}

@test "a name that fits, or says nothing, is written" {
	cd "$BATS_TEST_TMPDIR"
	rec=$(realpath "$BATS_TEST_DIRNAME"/../replay/recordings/version2-flip.rec.zst)
	for line in "timeline -o x" "timeline --svg x.svg" "timeline --chrome x.json" "timeline --perfetto x.pftrace" \
		"-j -o x.json" "--csv -o x.csv" "report -j -o x.json" "-o x.txt" "export --format csv -o x.csv"; do
		rm -f x*
		# shellcheck disable=SC2086
		mpw $line -q -i "$rec"
		[ "$status" -eq 0 ] || { echo "$line: $output"; return 1; }
		[ -n "$(find . -name "x*" -size +0)" ]
	done
	[ "$("$MPROTWATCH" timeline -q -i "$rec" -o -)" = "$("$MPROTWATCH" timeline -q -i "$rec")" ]
	[[ $("$MPROTWATCH" timeline -q -i "$rec" --svg -) == *"</svg>" ]]
}

@test "lists are lists everywhere, or refused" {
	cd "$BATS_TEST_TMPDIR" # where no file matches a glob
	rec=$(realpath "$BATS_TEST_DIRNAME"/../replay/recordings/version2-flip.rec.zst)
	all=$("$MPROTWATCH" -q -i "$rec" --no-timeline)
	for how in "-n node,flip" "-n node -n fl*" "-n [f]lip,x" "-u root,nobody" "-u 7 -u 0"; do
		# shellcheck disable=SC2086
		[ "$("$MPROTWATCH" -q -i "$rec" --no-timeline $how)" = "$all" ] || { echo "$how"; return 1; }
	done
	for how in "-n node,java" "-n flip\\,node" "-u 7,nobody"; do
		# shellcheck disable=SC2086
		mpw -i "$rec" $how
		[[ $status == 0 && $output == *"no process of the recording matches"* ]] || { echo "$how: $output"; return 1; }
	done
	for how in "-n a,,b" "-n chromium-browser" "-n a," "-u root," "-u $(seq -s, 17)" "-c / -c /a" "-t 1,"; do
		# shellcheck disable=SC2086
		mpw $how -d 1
		complains 2 "bad value"
	done
}

@test "what shows all is not cut" {
	for page in html perfetto chrome; do
		mpw timeline -i /nonexistent "--$page" "$BATS_TEST_TMPDIR/x" --map libfoo
		complains 2 "--$page shows all that changed"
	done
	mpw timeline -i /nonexistent --svg "$BATS_TEST_TMPDIR/x" --map libfoo
	complains 1 "cannot read"
}

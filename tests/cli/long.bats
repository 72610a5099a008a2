#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Long jobs show how far they are, on a terminal alone, and end when they are told to.

load lib

setup_file() {
	export TERM=xterm big=$BATS_FILE_TMPDIR/big.rec
	# Whatever is made of it is more than a pipe holds, so that nothing is over by chance
	"${O:-$BATS_TEST_DIRNAME/../../build}/bench/recording" "$big" 100000
}

job() {
	limit=60 limited python3 "$BATS_TEST_DIRNAME/long.py" "$1" "$MPROTWATCH" "${@:2}"
	echo "$output"
}

@test "progress is shown, and taken back at the end" {
	job terminal export -i "$big" --format json
	[[ $output =~ ^0.*'mprotwatch: reading the recording: '[0-9]+' %\r\x1b[K'.$ ]]
}

@test "so it is where only the end is printed" {
	job both timeline -i "$big" --color never
	[[ $output == *'reading the recording: '*$'%\r\e[K'*bench* ]]
}

@test "not in a file, nor with -q, nor among lines" {
	run "$MPROTWATCH" export -i "$big" --format json -o "$BATS_TEST_TMPDIR/out"
	[ "$status $output" = "0 " ]
	job terminal export -q -i "$big" --format json
	[ "$output" = "0 b''" ]
	job both -i "$big" -x
	[[ $output != *reading* ]]
}

@test "--check shows it, too" {
	job terminal info -i "$big" --check
	[[ $output == "0 "*'checking the recording: '* ]]
}

@test "SIGINT ends an export, which says how far it was" {
	job stop export -i "$big" --format json
	[[ ${lines[0]} =~ ^-2\ mprotwatch:\ interrupted:\ [0-9]+\ % && $output == *something ]]
}

@test "SIGINT ends what is written for a viewer" {
	job stop timeline -q -i "$big" --perfetto -
	[[ ${lines[0]} =~ ^-2\ mprotwatch:\ interrupted:\ [0-9]+\ % ]]
}

@test "SIGINT ends a CSV export" {
	job stop export -i "$big" --format csv
	[[ ${lines[0]} =~ ^-2\ mprotwatch:\ interrupted ]]
}

@test "SIGINT ends a query that would never end" {
	job patience query -i "$big" 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
	[[ $output == -2*'querying the recording: '*interrupted* ]]
}

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/run.sh PART...: run the parts' programs, print a line for each, and at the
# end what failed, what was skipped, and the sums. Environment: O, the build
# directory; MPROTWATCH, the program; FUZZ_SECONDS, how long all fuzz targets
# together take. make calls it.
#
# A program speaks TAP (cmocka and bats do), where each line counts as a test;
# one that does not is a test by its exit status (77: skipped).
set -u
cd "$(dirname "$0")/.." || exit 1

O=${O:-build}
MPROTWATCH=${MPROTWATCH:-$(realpath "$O")/mprotwatch}
logs=$O/test-logs
usual_limit=${TEST_TIMEOUT:-300}
export O MPROTWATCH CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1

# The programs of a part, one a line.
programs() {
	case $1 in
	unit | model | replay) ls "$O/tests/$1"/test_* tests/"$1"/*.sh ;;
	san) ls "$O-san"/tests/*/test_* ;;
	fuzz) ls "$O-fuzz"/tests/fuzz/fuzz_* ;;
	cli) ls tests/cli/*.bats ;;
	lint | build | live | html) ls tests/"$1"/*.sh ;;
	vm) ls tests/vm/kernels.sh ;;
	*) echo "tests/run.sh: no part $1" >&2 ;;
	esac 2>/dev/null | grep -vE '(\.[od]|/lib\.sh)$'
}

# What a failed program wrote: all of it, or each failed test, each wait in vain, and the end.
show() {
	if (($(wc -l <"$1") <= 150)); then
		cat "$1"
	else
		awk '/^(not ok|# waited in vain)/ { wrong = 1 } /^ok/ { wrong = 0 } wrong' "$1" | head -n 100
		echo "(and $1 ends:)"
		tail -n 50 "$1"
	fi | sed 's/^/      | /'
}

name_of() {
	local name=${2##*/}

	name=${name%.*}
	[[ $1 == san ]] && name=$(basename "$(dirname "$2")")/$name
	echo "$1/$name"
}

# Run one program; leaves NAME.out and NAME.sum ("passed failed skipped") in $logs.
run_one() {
	local name=$1 path=$2 out=$logs/${1//\//.} rc cmd=("$2") passed failed skipped

	[[ $path == *.bats ]] && cmd=(bats -F tap "$path")
	[[ $name == fuzz/* ]] && cmd=(tests/fuzz/run.sh "$path")
	timeout -k 5 "$limit" "${cmd[@]}" >"$out.out" 2>&1 </dev/null
	rc=$?
	skipped=$(grep -ciE '^ok.*# *skip' "$out.out")
	passed=$(($(grep -cE '^ok' "$out.out") - skipped))
	failed=$(grep -cE '^not ok' "$out.out")
	[[ $rc == 77 && $failed == 0 ]] && skipped=$((skipped + 1))
	[[ $rc != 0 && $rc != 77 && $failed == 0 ]] && failed=1
	[[ $rc == 124 ]] && echo "not ok - no end within $limit s" >>"$out.out"
	[[ $rc == 0 && $passed == 0 && $failed == 0 && $skipped == 0 ]] && passed=1
	echo "$passed $failed $skipped" >"$out.sum"
	if [[ $failed != 0 ]]; then
		printf 'FAIL  %-28s %3d of %d failed\n' "$name" "$failed" $((passed + failed))
		show "$out.out"
	elif [[ $passed == 0 ]]; then
		printf 'SKIP  %s\n' "$name"
	else
		printf 'ok    %-28s %3d passed%s\n' "$name" "$passed" \
			"$( ((skipped)) && echo ", $skipped skipped")"
	fi
}

# What of a program's output says why: failed or skipped tests.
reasons() {
	local found

	found=$(sed -nE "$2" "$logs/${1//\//.}.out")
	echo "${found:-$3}" | sed "s|^|  $1: |"
}

rm -rf "$logs"
mkdir -p "$logs"
names=()
for part in "$@"; do
	nr_jobs=$(nproc)
	# Builds and boots take their time; a machine's own limit comes first
	limit=$usual_limit
	[[ $part == build ]] && limit=$((5 * usual_limit))
	[[ $part == vm ]] && limit=$((10 * usual_limit))
	while read -r path; do
		[[ $path ]] || continue
		name=$(name_of "$part" "$path")
		names+=("$name")
		while (($(jobs -rp | wc -l) >= nr_jobs)); do wait -n; done
		# What measures speed says so in its header
		grep -qs '^# Runs alone' "$path" && alone=1 || alone=
		[[ $alone ]] && wait
		run_one "$name" "$path" &
		[[ $alone ]] && wait
	done < <(programs "$part")
	wait
done

all_passed=0 all_failed=0 all_skipped=0 failures='' skips=''
for name in "${names[@]}"; do
	read -r passed failed skipped <"$logs/${name//\//.}.sum"
	((all_passed += passed, all_failed += failed, all_skipped += skipped))
	((failed)) && failures+=$(reasons "$name" 's/^not ok *[0-9]* *-? *//p' 'ended badly')$'\n'
	((skipped)) && skips+=$(reasons "$name" 's/^ok *[0-9]* *-? *(.*# *[Ss][Kk][Ii][Pp].*)/\1/p; s/^SKIP //p' 'skipped')$'\n'
done
[[ $skips ]] && printf '\nSKIPPED, so not tested here:\n%s' "$skips"
[[ $failures ]] && printf '\nWhere that was:\n%s\n%s\n' "$(uname -srm), $(nproc) processors, $(uptime)" \
	"$("$MPROTWATCH" doctor 2>&1)"
[[ $failures ]] && printf '\nFAILED (%s/*.out has all output):\n%s' "$logs" "$failures"
echo "$all_passed passed, $all_failed failed, $all_skipped skipped"
[[ $all_failed == 0 && $all_passed != 0 ]]

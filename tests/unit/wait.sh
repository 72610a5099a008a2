#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A test that waited in vain says what for, and what it saw instead.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/wait.sh
. tests/wait.sh

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
slow=1 tries=2

counts() {
	echo said
	[[ $(wc -l <log) == 3 ]]
}

# An own file for each try: a subshell's variables are lost.
grows() {
	echo line >>log
	counts
}

printf '%s\n' {1..9} >lines
printf 'a\0b' >data
: >log
equals "what comes in time is waited for in silence" "$(slow=2 wait_until grows)" ""
equals "a file that has something else" "$(wait_until grep -qs READY lines; echo $?)" \
	"# waited in vain, 2 times 0.05 s, for: grep -qs READY lines
# lines ends:
$(printf '#   %s\n' {5..9})
1"
: >log
equals "one that is empty" "$(wait_until grep -qs READY log | tail -n 1)" "# log is empty"
equals "one that is data" "$(wait_until grep -qs READY data | tail -n 1)" "# data has 3 bytes, no text"
equals "nothing at all" "$(wait_until test -s nowhere | tail -n 1)" \
	"# it says nothing, and no file that it names is there"
equals "what a command said last" "$(wait_until counts | tail -n 1)" "# it says: said"
exit $failed

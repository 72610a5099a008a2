# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2034
#
# Shared by the test scripts that speak TAP. Sourced; the script ends with "exit $failed".
failed=0

# holds NAME WRONG: a test that passes if there is nothing in WRONG, which says what is wrong.
holds() {
	if [[ $2 ]]; then
		echo "not ok - $1"
		head -n 30 <<<"$2" | cut -c1-300 | sed 's/^/# /'
		failed=1
	else
		echo "ok - $1"
	fi
}

# equals NAME GOT WANTED
equals() {
	holds "$1" "$([[ $2 == "$3" ]] || printf 'got:    %s\nwanted: %s\n' "$2" "$3")"
}

skip() {
	echo "ok - $1 # SKIP $2"
}

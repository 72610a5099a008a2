# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# Shared by all shell tests that wait for something. Sourced.

# shown FILE: its end, as lines of a comment
shown() {
	if [[ ! -s $1 ]]; then
		echo "# $1 is empty"
	elif grep -qI '' "$1"; then
		echo "# $1 ends:"
		tail -n 5 "$1" | cut -c1-300 | sed 's/^/#   /'
	else
		echo "# $1 has $(stat -c %s "$1") bytes, no text"
	fi
}

# wait_until COMMAND...: until it succeeds, 20 s at most ($slow times that). If that was in vain:
# what was waited for, and what was seen: what the command said last, and the files that it names.
wait_until() {
	local i said arg seen='' nr=$((${tries:-400} * ${slow:-1}))

	for ((i = 0; i < nr; i++)); do
		said=$("$@" 2>&1) && return 0
		sleep 0.05
	done
	echo "# waited in vain, $nr times 0.05 s, for: ${*//$'\n'/; }"
	[[ $said ]] && seen=$(head -n 10 <<<"$said" | cut -c1-300 | sed 's/^/# it says: /')$'\n'
	for arg in "${@:2}"; do
		[[ -f $arg ]] && seen+=$(shown "$arg")$'\n'
	done
	echo -n "${seen:-# it says nothing, and no file that it names is there$'\n'}"
	return 1
}

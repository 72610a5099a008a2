#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is left behind: nothing, however the tracer ends; the machine's mounts least of all.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mounts=$(cat /proc/self/mountinfo)

# The ids of the programs and maps that the tracer holds, as "prog 17".
held() {
	sed -nE 's/^(prog|map)_id:[[:space:]]*/\1 /p' /proc/"$tracer"/fdinfo/* 2>/dev/null | sort -u
}

# Those of the ids in $1 that the kernel still has.
left() {
	local kind id

	while read -r kind id; do
		PATH=$PATH:/usr/sbin bpftool "$kind" show id "$id" >/dev/null 2>&1 && echo "$kind $id is left"
	done <<<"$1"
}

# The kernel frees them a moment later. (Whoever opens a map of programs while the kernel is
# emptying it makes it stay for good, in 6.18: so do not look at once.)
are_gone() {
	! left "$1" | grep .
}

for signal in TERM KILL; do
	start $signal -a
	ids=$(held)
	holds "programs are there while it runs (SIG$signal)" "$(left "$ids" | grep prog >/dev/null || echo none)"
	kill -$signal "$tracer"
	wait "$tracer" 2>/dev/null
	sleep 0.5
	holds "none is left after SIG$signal" "$(wait_until are_gone "$ids")"
done

# The end of a run waits for no link to close: a child does, which has nothing else.
said=$(python3 "$top/tests/live/end.py" "$MPROTWATCH" 2>&1)
if grep -qx 'it is gone' <<<"$said"; then
	skip "who closes the links keeps nothing else" "it was gone before anybody could look, in all runs"
else
	holds "who closes the links keeps nothing else" "$(grep -v ^id <<<"$said")"
fi
ids=$(sed -n 's/^id //p' <<<"$said")
holds "programs were there (an ended run)" "$(grep -q prog <<<"$ids" || echo none)"
holds "none is left when it has ended" "$(wait_until are_gone "$ids")"
equals "a run works while the links of one before are closed" \
	"$("$MPROTWATCH" -q -o /dev/null -- true && "$MPROTWATCH" -q -o /dev/null -- true; echo $?)" 0
equals "the mounts are as they were" "$(cat /proc/self/mountinfo)" "$mounts"

# Where tracefs is mounted nowhere.
status=$(unshare -m bash -c '
	umount -l /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null
	before=$(cat /proc/self/mountinfo)
	"$0" -q -o nofs.out -- true || exit
	[[ $(cat /proc/self/mountinfo) == "$before" ]] || echo "the mounts changed"
' "$MPROTWATCH" 2>&1; echo $?)
equals "tracefs need not be mounted, and does not get so" "$status" 0

# Files of data are for their owner alone, and never written through a link.
: >target
ln -s target link
"$MPROTWATCH" -q -o link -- true 2>err
equals "a symbolic link is refused" $? 125
holds "and said to be one" "$(grep -q 'symbolic link' err || cat err)"
"$MPROTWATCH" -q -o fresh -- true
equals "data is for its owner alone" "$(stat -c %a fresh)" 600
exit $failed

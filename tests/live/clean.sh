#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is left behind: nothing, however the tracer ends; the machine's mounts least of all.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# The programs by name which the kernel holds; others' come and go, so only those with our names.
ours() {
	PATH=$PATH:/usr/sbin bpftool prog show 2>/dev/null | grep -oE 'name (exit_[a-z_]+|on_(exec|fork|exit)|snapshot) ' | sort
	PATH=$PATH:/usr/sbin bpftool map show 2>/dev/null | grep -oE 'name (events|members|lossy|mprotwat[a-z_.]*) ' | sort
}

before=$(ours)
mounts=$(cat /proc/self/mountinfo)
start run -a
holds "the programs are there while it runs" "$([[ $(ours) != "$before" ]] || echo "no program of ours is loaded")"
stop
wait_until [ "$(ours)" = "$before" ] >/dev/null
equals "after its end none is left" "$(ours)" "$before"

start killed -a
kill -KILL "$tracer"
wait "$tracer" 2>/dev/null
for ((i = 0; i < 50; i++)); do
	[[ $(ours) == "$before" ]] && break
	sleep 0.1
done
equals "after SIGKILL none is left" "$(ours)" "$before"
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

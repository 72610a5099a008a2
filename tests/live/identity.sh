#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Whose address space it is, where that is easily mistaken: exec by a thread, vfork, ids that are
# used again, pid namespaces (the host's ids are shown, the namespace's beside them), mount
# namespaces.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# as_told NAME, where what NAME told is of process 1 of a namespace, which is $2 here.
as_told_inside() {
	sed -i "s/^CALL 1 /CALL $2 /" "$1.expect"
	as_told "$1" "${@:3}"
}

trace guessed --tier=inference --verify --strict -- "$workloads/identity"
equals "threads, vfork, an id again, inferred: it ends well" $status 0
as_told guessed "each process is inferred as it was" --honest

trace identity --verify --strict -- "$workloads/identity"
equals "threads, vfork, an id again: it ends well" $status 0
as_told identity "each process is seen as it was" "${best[@]}"
holds "the mirrors are as the kernel has them" "$("$check" verified identity.json 2>&1)"
read -r pid < <("$check" values event,pid,tid identity.json | sed -n 's/^exec,\(.*\),\1$/\1/p' | uniq -d)
holds "a thread's exec is one of its process" "$([[ $pid ]] || grep -F '"type":"exec"' identity.json)"
equals "which ends once" "$("$check" values event,pid identity.json | grep -c "^exit,$pid$")" 1
reused=$(sed -n 's/^REUSED //p' identity.expect)
equals "two processes had one id, and have starts of their own" \
	"$("$check" values event,pid,start_ns identity.json | grep "^exit,$reused," | sort -u | wc -l)" 2

trace inside --verify --strict -- unshare -p -f --mount-proc "$workloads/heap"
equals "in a pid namespace: it ends well" $status 0
read -r host < <("$check" values comm,pid,ns_pid inside.json | sed -n 's/^heap,\([0-9]*\),1$/\1/p')
holds "the host's id is shown, and the namespace's beside it" "$([[ $host ]] || grep -F '"comm":"heap"' inside.json)"
as_told_inside inside "${host:-0}" "in a pid namespace it is seen as it was" "${best[@]}"
holds "in no other line is an id beside the host's" "$("$check" values comm,ns_pid inside.json | grep -v ^heap, | grep -v ^unshare,)"
holds "the mirror is as the kernel has it" "$("$check" verified inside.json 2>&1)"
as_schema "JSON is as its schema has it" inside

# -p takes the host's.
mkdir wrap
printf '#!/bin/sh\nexec unshare -p -f --kill-child "%s"\n' "$workloads/steps" >wrap/steps
chmod +x wrap/steps
workloads=$scratch/wrap steps_start deep
host=$(sed -n "s/^PPid:\t$workload$/found/p; T; F" /proc/[0-9]*/status 2>/dev/null | sed -n 's|^/proc/\([0-9]*\)/status$|\1|p')
at=READY i=0
for tier in "${tiers[@]}"; do
	start "deep$tier" --tier=$tier -p "$host"
	step $((++i))
	stop
	equals "-p: it is known by both ids ($tier)" \
		"$("$check" values pid,ns_pid "deep$tier.json" | sort -u)" "$host,1"
	told deep "$at" "deep$tier"
	as_told_inside "deep$tier" "$host" "-p with the host's id ($tier)"
	at="STEP $i"
done
steps_end 2>/dev/null

# Names are those that the process itself sees.
mkdir mnt
# shellcheck disable=SC2016 # for the shell inside
trace mount --verify --strict -- unshare -m sh -c \
	'mount -t tmpfs none "$1" && cd "$1" && exec "$0"' "$workloads/map" "$scratch/mnt"
equals "in a mount namespace: it ends well" $status 0
as_told mount "in a mount namespace it is seen as it was" "${best[@]}"
exit $failed

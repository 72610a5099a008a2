#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Writes into a process by its number: who wrote, into whom, where, and how; whether the process that
# is written to is traced, or the writer, or both. What may be written to, and reading, is no finding.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# Does this kernel show the writes to /proc/PID/mem, or only that it is opened?
sees_mem=
"$MPROTWATCH" doctor 2>&1 | grep -q '^writes to /proc/PID/mem *ok' && sees_mem=1

# the writes and findings of NAME.json, one a line
writes() {
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
    x = json.loads(line)
    if x["type"] == "write":
        w = x.get("writer") or x["target"]
        print("write", x["how"], x["state"].get("prot", x["state"]["state"]), x["size"],
              x.get("errno", "done"), *[k for k in ("by_tracer", "by_parent", "other_user", "target") if x.get(k)],
              "itself" if w["pid"] == x["pid"] else "other", *[] if x["proven"] else ["unproven"])
    if x["type"] == "finding" and x["rule"].endswith("-write") and x["state"] == "new":
        print("finding", x["rule"], x["severity"])' "$1.json" | uniq -c | sed 's/^ *1 //; s/^ *//'
}

# act TIER NAME WANTED...: what NAME does is told so
act() {
	local tier=$1 name=$2

	shift 2
	trace "$tier-$name" --tier "$tier" --severity info --verify --strict -- "$workloads/write" "$name"
	well "$tier-$name" "$tier: $name ends well"
	equals "$tier: $name" "$(writes "$tier-$name")" "$(printf '%s\n' "$@")"
}

mem() {
	if [[ $sees_mem ]]; then
		act "$1" "$2" "write mem r-x 8 done ${3:+by_parent }${4}" "finding mem-write ${5}"
	else
		act "$1" "$2" "write open unknown 0 done ${3:+by_parent }${4}" "finding mem-write ${6}"
	fi
}

for tier in "${tiers[@]}"; do
	act "$tier" vm-data "write process_vm_writev rw- 64 done by_parent other"
	act "$tier" vm-wx "write process_vm_writev rwx 64 done by_parent other" "finding vm-write high"
	act "$tier" vm-code "write process_vm_writev r-x 8 EFAULT by_parent other"
	act "$tier" poke "write ptrace r-x 8 done by_tracer by_parent other" "finding ptrace-write low"
	act "$tier" poke-born "write ptrace r-x 8 done by_tracer by_parent other" "finding ptrace-write low"
	act "$tier" filtered "write process_vm_writev rwx 64 done by_parent other" "finding vm-write high"
	act "$tier" vm-shared "write process_vm_writev rwx 64 done by_parent other unproven" "finding vm-write medium"
	act "$tier" peek
	act "$tier" mem-read
	mem "$tier" mem parent other high medium
	mem "$tier" mem-thread parent other high medium
	[[ $tier == truth ]] && mem "$tier" self "" itself medium low
done
# Without truth, what was mapped before the first call may not be known yet.
trace self --tier inference --severity info -- "$workloads/write" self
holds "inference: self" "$(writes self | grep -qE '^write .* done itself' || writes self)"
if int80_works; then
	trace vm80 --compat --severity info -- "$workloads/write" vm-80
	equals "process_vm_writev by int 0x80" "$(writes vm80)" "write process_vm_writev rwx 64 done by_parent other
finding vm-write high"
	trace mem80 --compat --severity info -- "$workloads/write" mem-80
	holds "/proc/PID/mem by int 0x80" "$(writes mem80 | grep -q '^finding mem-write' || writes mem80)"
else
	skip "writes by int 0x80" "$why"
fi
as_schema "JSON is as its schema has it" "$tier-vm-wx"

# Old kernels look at 32 ranges of a call, and say that there are more.
trace many --severity info -- "$workloads/write" vm-many
if grep -q '"size":1104' many.json; then
	holds "of many ranges, some are told, and the rest counted" "$(writes many | grep -qx '32 write process_vm_writev rw- 16 done by_parent other' || writes many)"
else
	equals "of many ranges, each is told" "$(writes many)" "100 write process_vm_writev rw- 16 done by_parent other
write process_vm_writev rwx 16 done by_parent other
finding vm-write high"
fi

# one_of WHO NAME OPTION...: the target alone is traced, or the writer alone
one_of() {
	local who=$1 name=$2 pid

	shift 2
	mkfifo "$name.in"
	"$@" "$workloads/write" vm-wx wait <"$name.in" >"$name.told" &
	writer=$!
	started+=("$writer")
	exec {fd}>"$name.in"
	wait_until grep -qs target "$name.told"
	pid=$(pgrep -n -f "$workloads/write vm-wx wait") # by its number here, whatever it has there
	[[ $who == writer ]] && pid=$(pgrep -o -f "$workloads/write vm-wx wait")
	start "$name" --severity info -p "$pid"
	echo >&"$fd"
	exec {fd}>&-
	wait "$writer"
	wait "$tracer"
	equals "the tracer of the $who ends well" $? 0
}
one_of target inward
equals "a writer that is not traced is seen" "$(writes inward)" \
	"write process_vm_writev rwx 64 done by_parent other
finding vm-write high"
one_of writer outward
equals "a traced writer is seen, if nobody traces the other" "$(writes outward)" \
	"write process_vm_writev unknown 64 done by_parent target other
finding vm-write info"
if unshare -pf true 2>/dev/null; then
	one_of target spaces unshare -pf
	equals "numbers of another namespace are understood" "$(writes spaces)" \
		"write process_vm_writev rwx 64 done by_parent other
finding vm-write high"
else
	skip "numbers of another namespace are understood" "unshare -p is refused here"
fi

# A filter that has not met the process yet is asked about it.
mkfifo user.in
setpriv --reuid=65534 --clear-groups "$workloads/write" vm-wx wait <user.in >user.told 2>/dev/null &
writer=$!
started+=("$writer")
exec {fd}>user.in
wait_until grep -qs target user.told
start user --severity info -u 65534
echo >&"$fd"
exec {fd}>&-
wait "$writer"
stop
equals "a quiet process is found by its user" "$(writes user)" \
	"write process_vm_writev rwx 64 done by_parent other
finding vm-write high"

"$MPROTWATCH" record -v -o rec -- "$workloads/write" vm-wx >live 2>err
"$MPROTWATCH" -q -i rec >again
holds "a replay says the same" "$(diff live again)"
read -r pid writer <<<"$("$MPROTWATCH" query --csv -i rec "SELECT pid, writer FROM writes" |
	tail -n 1 | tr -d '\r' | tr , ' ')"
"$MPROTWATCH" -q -j --no-timeline -i rec -p "$pid" -o of-target.json
equals "a replay of the target alone has it" "$(writes of-target | head -n 1)" \
	"write process_vm_writev rwx 64 done by_parent other"
"$MPROTWATCH" -q -j --no-timeline -i rec -p "$writer" --no-follow -o of-writer.json
equals "a replay of the writer alone has it" "$(writes of-writer | head -n 1)" \
	"write process_vm_writev unknown 64 done by_parent target other"
equals "SQL has it" "$("$MPROTWATCH" query --csv -i rec \
	"SELECT how, size, prot, writer_comm, proven, by_parent FROM writes" | tr -d '\r"' | tail -n 1)" \
	"process_vm_writev,64,rwxp,write,1,1"
exit $failed

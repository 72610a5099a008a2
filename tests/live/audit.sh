#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The audit's verdict is the kernel's: calls at the edge of what is refused are audited, and made
# under PR_SET_MDWE and under systemd's filter. Then running processes, and a recording.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

mdwe=$workloads/mdwe
"$mdwe" true 2>/dev/null && prctl=1 || prctl= # Linux 6.3
has_truth && certain=1 || certain=

# Calls at the edge, each in a program of its own, all in one trace.
cases=$("$workloads/deny" list)
for case in $cases; do cp "$workloads/deny" "$case"; done

# What the kernel says: "CASE prctl filter".
for case in $cases; do
	said=$case
	for how in "" -f; do
		if [[ ! $how && ! $prctl ]]; then
			said+=" ?"
			continue
		fi
		"$mdwe" $how "./$case" "$case" 2>/dev/null
		case $? in 0) said+=" yes" ;; 13) said+=" no" ;; *) said+=" ?" ;; esac
	done
	echo "$said"
done >kernel.said

# What the audit NAME says of each, where the kernel could say something. Without truth it may not
# know what a short-lived process was before its first call: then it must say so.
by_case() {
	python3 - "$1.json" kernel.said ${certain:+certain} <<'END'
import json, sys
refused = json.load(open(sys.argv[1]))["refused"]
def answer(mine, key, said):
    if said not in ("yes", "no"):
        return said
    if any(r[key] for r in mine):
        return "no"
    if key == "prctl_refuses" and any(r["prctl_unsure"] for r in mine):
        return "unsure" if sys.argv[3:] else said
    return "yes"
for line in open(sys.argv[2]):
    case, prctl, how = line.split()
    mine = [r for r in refused if r["comm"] == case]
    print(case, answer(mine, "prctl_refuses", prctl), answer(mine, "filter_refuses", how))
END
}

# shellcheck disable=SC2016
printf 'for case in %s; do ./$case $case; done\ntrue\n' "$(echo $cases)" >all.sh
for tier in "${tiers[@]}"; do
	# Emulated, what they map is read when they are gone, and calls of one kind fold into one.
	[[ $tier == inference ]] && ((slow > 1)) && continue
	audit "edge-$tier" --tier "$tier" -- bash all.sh
	holds "at the edge it says what the kernel does ($tier)" \
		"$(by_case "edge-$tier" | diff kernel.said - 2>&1)"
	equals "a verdict of no is status 4 ($tier)" $status 4
done
sed 's/^/# /' kernel.said

# A line for each program has the verdict that the kernel gives it; what was not certain above may be so.
audit by --by exe -- bash all.sh
holds "--by exe has a verdict for each" "$(
	python3 - by.json kernel.said ${certain:+certain} <<'END'
import json, sys
groups = {g["name"].rsplit("/", 1)[-1]: g for g in json.load(open(sys.argv[1]))["groups"] if g["name"]}
for line in open(sys.argv[2]):
    case, said, _ = line.split()
    got = groups[case]["verdict"] if case in groups else "missing"
    if said != "?" and got != said and (sys.argv[3:] or got != "unsure"):
        print(case, "is", got, "and not", said)
END
)"
audit functions -k -- ./wx wx
holds "-k names functions" "$(
	[[ $(fields functions refused.0.functions) == *main* ]] || cat functions.json)"

# A process under MDWE is audited as one that is not: what was refused counts as an attempt.
if [[ $prctl && $certain ]]; then
	audit refused -- "$mdwe" ./gain gain
	equals "what is refused already is a no" "$(fields refused prctl.verdict) $status" "no 4"
	equals "and says that it failed" "$(fields refused refused.0.failed)" EACCES
	audit refused -- "$mdwe" ./again again
	equals "what is allowed under it is a yes" "$(fields refused prctl.verdict) $status" "yes 0"
fi

# A shell that runs already, and what its child does then.
mkfifo go
bash -c 'read -r _; ./wx wx; echo did >said; read -r _' <go &
shell=$!
started+=("$shell")
exec {go}>go
"$MPROTWATCH" audit -j -o running.json --by unit -p "$shell" 2>running.err &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' running.err
echo >&"$go"
wait_until grep -qs did said
stop
equals "a running process: no, for what its child did" \
	"$(fields running verdict refused.0.kind refused.0.comm) $status" "no call wx 4"
if cgroup=$(grep '^0::' /proc/self/cgroup); then
	holds "--by unit: both are of the shell's cgroup" "$(
		# a unit's name ends the path
		[[ ${cgroup#0::}/ == "$(fields running groups.0.name)"* &&
			$(fields running groups.0.verdict groups.0.processes) == "no 2" ]] ||
			cat running.json
	)"
else
	skip "--by unit: both are of the shell's cgroup" "there is no unified hierarchy"
fi

# held CASE: one that has made its calls, in $held.
held() {
	"./$1" "$1" hold >"$1.held" &
	held=$!
	started+=("$held")
	wait_until grep -qs held "$1.held"
}
held drop
audit now --now -p "$held"
equals "--now: nothing is mapped that may not be, and no call was seen: not certain" "$(fields now verdict) $status" "unsure 3"
equals "it has read RELRO" "$(fields now states.0.modules.0.relro)" read-only
held gain
audit now --now -p "$held"
equals "--now: executable memory of no file" \
	"$(fields now verdict refused.0.kind) $status" "no mapped 4"
equals "and says what it is" "$(fields now states.0.code.0.prot states.0.code.0.mapping)" "r-x [anon]"
holds "--now needs no BPF" "$(
	setpriv --bounding-set -bpf,-perfmon,-sys_admin --inh-caps -bpf,-perfmon,-sys_admin \
		"$MPROTWATCH" audit -q --now -p "$held" >nobpf.txt 2>&1
	[[ $? == 4 ]] || cat nobpf.txt
)"
held alias
audit now --now -p "$held"
equals "--now: a memfd is no offence" \
	"$(fields now verdict states.0.code.0.mapping states.0.code.0.deleted) $status" \
	"unsure /memfd:alias True 3"
if grep -qx 'seal yes yes' kernel.said; then
	held seal
	audit now --now -p "$held"
	holds "--now: what is sealed is told" "$(
		(($(fields now states.0.sealed_bytes) >= 8192)) || cat now.json)"
else
	skip "--now: what is sealed is told" "this kernel has no mseal"
fi
"$MPROTWATCH" record -q -o wx.rec -- ./wx wx 2>record.err
audit recording -i wx.rec
equals "a recording: no" "$(fields recording verdict) $status" "no 4"
audit recording -i wx.rec --by exe
equals "a recording, by program" "$(fields recording groups.0.verdict)" no


# What security modules would be asked for, in the order execmem, execheap, execstack, execmod, fsaccess.
if [[ $certain ]]; then
	while read -r case wanted; do
		audit lsm -- "./$case" "$case"
		equals "$case needs what its memory is" "$(fields lsm \
			lsm.{execmem,execheap,execstack,execmod,fsaccess}.times)" "$wanted"
	done <<-END
		wx 1 0 0 0 1
		gain 1 0 0 0 1
		again 2 0 0 0 1
		alias 0 0 0 0 1
		heap 1 1 0 0 1
		stack 1 0 1 0 1
		copied 0 0 0 1 0
		less 2 0 0 0 1
		empty 0 0 0 0 0
	END
	audit lsm -- ./copied copied
	holds "files that are executed lie on a device" "$(
		grep -q "\"dev\":\"$(stat -c %Hd:%Ld copied)\"" lsm.json || cat lsm.json)"
fi
exit $failed

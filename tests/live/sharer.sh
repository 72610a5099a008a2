#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A process shares its memory with another one, without being its thread, before it is traced: what
# the other one changes is seen, judged, and told under its own number.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# sharer_start NAME [chain]: pids in $one and $other; turn: the other one changes the memory.
sharer_start() {
	mkfifo "$1.in"
	"$workloads/sharer" ${2-} <"$1.in" >"$1.told" &
	workload=$!
	started+=("$workload")
	exec {sharer_fd}>"$1.in"
	told=$1.told nr_turns=0
	wait_until grep -qs READY "$told"
	read -r _ one other < <(grep READY "$told")
}
sharer_end() {
	exec {sharer_fd}>&-
	wait "$workload"
}
turn() {
	echo -n x >&"$sharer_fd"
	wait_until grep -qs "^STEP $((++nr_turns))$" "$told"
}

# Who made which mprotect, by NAME.json.
makers() {
	python3 - "$1.json" <<-'END'
		import json, sys
		for line in open(sys.argv[1]):
		    row = json.loads(line)
		    if row["type"] == "change" and row.get("call", {}).get("name") == "mprotect":
		        print(row["pid"], row["comm"], row["before"].get("prot"), row["after"]["prot"])
	END
}

for tier in "${tiers[@]}"; do
	sharer_start "one-$tier"
	both=$one,$other
	start "pid-$tier" --tier=$tier --verify --strict -p "$one"
	turn
	turn
	stop
	well "pid-$tier" "a process that shares memory leaves the mirror right ($tier)"
	equals "its changes are seen, and are its own ($tier)" "$(makers "pid-$tier")" \
		"$other other rw- rwx"$'\n'"$other other rwx rw-"
	as_schema "they are as the schema has them ($tier)" "pid-$tier"
	start "wx-$tier" --tier=$tier --severity info -p "$one"
	turn
	stop
	equals "its writable code is found ($tier)" \
		"$(grep '"rule":"wx"' "wx-$tier.json" | grep -o '"pid":[0-9]*' | sort -u)" "\"pid\":$other"
	nr=0
	for who in "-p $both" "-n sharer" "-n other" "-u 0 -n sharer" "-u 65534 -n other" "-t $one"; do
		turn
		# shellcheck disable=SC2086
		start "who-$tier-$((++nr))" --tier=$tier --verify --strict $who
		turn
		stop
		well "who-$tier-$nr" "the mirror is right ($who, $tier)"
		if [[ $who == -t* ]]; then
			equals "nothing of the other is shown where a thread is asked for ($tier)" "$(makers "who-$tier-$nr")" ""
		else
			equals "the change is seen once ($who, $tier)" "$(makers "who-$tier-$nr" | cut -d' ' -f1-2)" "$other other"
		fi
	done
	turn
	start "all-$tier" --tier=$tier --verify
	turn
	stop
	equals "the whole machine has it once ($tier)" "$(makers "all-$tier" | grep -c ' other ')" 1
	holds "and the mirrors of the two do not differ ($tier)" "$(
		grep -E '"pid":'"($one|$other)"'\b.*"cause":"verify"' "all-$tier.json")"
	"$check" verified "all-$tier.json" | sed 's/^/# elsewhere: /'
	# The one who shares it is asked for, and the first one is its sharer.
	start "back-$tier" --tier=$tier --verify --strict -p "$other"
	turn
	stop
	well "back-$tier" "the one that shares can be asked for ($tier)"
	equals "and is seen ($tier)" "$(makers "back-$tier" | cut -d' ' -f1)" "$other"
	sharer_end

	# One after the other, each of which is made by the last, while it is attached to.
	for i in 1 2 3; do
		sharer_start "links-$tier-$i" chain
		start "chain-$tier-$i" --tier=$tier --verify --strict -p "$one"
		sleep 0.3
		echo -n x >&"$sharer_fd"
		wait_until grep -qs "AT REST" "$told"
		stop
		well "chain-$tier-$i" "a chain of processes that share memory is not lost ($i, $tier)"
		holds "all links of it are seen ($i, $tier)" "$(makers "chain-$tier-$i" | awk '
			NR > 1 && $3 != "None" && $3 != last { print NR ": " last " turned into " $3; exit }
			{ last = $4 }
			END { if (NR < 4) print NR " in all" }')"
		sharer_end
	done
done

# A recording of all has it, too, where one is asked for.
sharer_start rec
"$MPROTWATCH" record -o all.rec 2>all.err &
tracer=$!
started+=("$tracer")
wait_until grep -qs 'mprotwatch: tracing' all.err
turn
stop
"$MPROTWATCH" -q -j -i all.rec -p "$one" >rec.json
equals "a recording shows who changed the memory of a process" "$(makers rec | cut -d' ' -f1-2)" "$other other"
sharer_end
exit $failed

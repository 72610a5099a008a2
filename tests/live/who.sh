#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who a process is: it has its first thread's name and the program that the kernel gave it, and what
# it says of itself is shown as that. A name says which file it is in the tracer's mounts alone.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

# row NAME COLUMNS: what the recording NAME.rec has of its first process.
row() {
	"$MPROTWATCH" query --csv -i "$1.rec" "SELECT $2 FROM processes ORDER BY id LIMIT 1" | tail -n +2 | tr -d '"\r'
}

# recorded NAME OPTION...: a recording NAME.rec.
recorded() {
	local name=$1

	shift
	"$MPROTWATCH" record -q -o "$name.rec" "$@" >"$name.out" 2>"$name.err" </dev/null
}

# beside NAME PID OPTION...: a recording of a process that runs already.
beside() {
	local name=$1 pid=$2

	shift 2
	"$MPROTWATCH" record -q -o "$name.rec" -p "$pid" -d 1s "$@" >"$name.out" 2>"$name.err" </dev/null
}

who=$workloads/who
for tier in "${tiers[@]}"; do
	for how in "" leave; do
		recorded "thread$how$tier" --tier=$tier -- "$who" thread $how
		equals "a process has its first thread's name (${how:-stay}, $tier)" \
			"$(row "thread$how$tier" comm,exe)" "who,$who"
		holds "and a line, the thread's (${how:-stay}, $tier)" "$("$MPROTWATCH" --no-timeline -i \
			"thread$how$tier.rec" 2>&1 | grep -E '^[0-9:.]+ HangWatcher +[0-9]+ mmap .*rwx' >/dev/null || echo none)"
	done
	recorded "rename$tier" --tier=$tier -- "$who" thread rename
	equals "a first thread that calls itself otherwise names its process ($tier)" \
		"$(row "rename$tier" comm,exe)" "renamed,$who"

	# A program that the loader was told to run, and a script: both before and after they are traced.
	loader=$(sed -n 's|.* \(/[^ ]*/ld-[^ ]*\)$|\1|p' /proc/self/maps | head -1)
	sleep=$(realpath "$(command -v sleep)")
	recorded "loader$tier" --tier=$tier -- "$loader" "$sleep" 0
	equals "the loader is the program of what it is told to run ($tier)" "$(row "loader$tier" exe)" "$loader"
	"$loader" "$sleep" 60 &
	started+=($!)
	wait_until grep -q "$sleep" /proc/$!/maps
	beside "loading$tier" $! --tier=$tier
	equals "also where it runs already ($tier)" "$(row "loading$tier" exe)" "$loader"
	kill $!
	cat >script <<-'END'
		#!/bin/sh
		while :; do sleep 0.1; done
	END
	chmod +x script
	shell=$(realpath /bin/sh)
	./script &
	started+=($!)
	wait_until grep -qx script /proc/$!/comm
	beside "script$tier" $! --tier=$tier
	equals "a script's is its interpreter ($tier)" "$(row "script$tier" comm,exe)" "script,$shell"
	kill $!

	# The first thread has left, and its process goes on.
	mkfifo left.in
	"$who" left <left.in >/dev/null &
	pid=$!
	started+=("$pid")
	exec 8>left.in
	rm left.in
	wait_until grep -q 'State:.Z' /proc/$pid/status
	beside "left$tier" $pid --tier=$tier
	equals "a process whose first thread has left is known ($tier)" \
		"$(row "left$tier" comm,exe)" "who,$who"
	exec 8>&-

	# A file without a name.
	cp "$who" gone
	recorded "gone$tier" --tier=$tier -- sh -c 'exec 9<gone && rm gone && exec /proc/self/fd/9 thread'
	holds "a deleted program is that ($tier)" "$(row "gone$tier" exe | grep -E '/gone( \(deleted\))?$' >/dev/null || row "gone$tier" exe)"

	# Processes that say of themselves what is not so.
	mkfifo claim.in
	"$who" claim "$shell" <claim.in >claim.told 2>claim.err &
	pid=$!
	started+=("$pid")
	exec 8>claim.in
	rm claim.in
	wait_until grep -qs . claim.told claim.err
	if [[ $(cat claim.told) == CLAIMED ]]; then
		beside "claimed$tier" $pid --tier=$tier
		equals "a claim from before is not known as one ($tier)" "$(row "claimed$tier" exe)" "$shell"
	else
		skip "a program that is claimed ($tier)" "$(cat claim.err)"
	fi
	exec 8>&-
	if [[ $(cat claim.told) == CLAIMED ]]; then
		printf '[suppress it]\nreason = known\nexe = %s\n' "$shell" >claim.rules
		"$MPROTWATCH" --no-timeline --severity low --tier=$tier --rules claim.rules -- "$who" claim "$shell" \
			>"claim$tier.text" 2>"claim$tier.err" </dev/null
		recorded "claim$tier" --tier=$tier -- "$who" claim "$shell"
		equals "a claim is shown as one ($tier)" "$("$MPROTWATCH" report --by process -i "claim$tier.rec" 2>&1 |
			grep -o 'who /.*')" "who $shell [claimed]"
		holds "and no rule believes it ($tier)" "$(grep 'nothing matched the suppression it' "claim$tier.err" \
			>/dev/null || cat "claim$tier.err")"
	fi

	mkfifo hide.in
	"$who" hide <hide.in >hide.told 2>hide.err &
	pid=$!
	started+=("$pid")
	exec 8>hide.in
	rm hide.in
	wait_until grep -qs . hide.told hide.err
	if [[ $(cat hide.told) == HIDDEN ]]; then
		beside "hide$tier" $pid --tier=$tier
		equals "a process without arguments is in its namespaces ($tier)" \
			"$(row "hide$tier" cmdline,cgroup,pid_ns,net_ns,mnt_ns)" \
			",$(sed -n 's/^0:://p' /proc/$pid/cgroup),$(stat -Lc %i /proc/$pid/ns/{pid,net,mnt} | paste -sd,)"
	else
		skip "a process that hides its arguments ($tier)" "$(cat hide.err)"
	fi
	exec 8>&-

	# Over a well-known path, in a mount namespace of its own.
	cp "$who" evil
	cat >names.rules <<-END
		[suppress it]
		reason = known
		exe = $shell
	END
	# shellcheck disable=SC2016 # for the shell inside
	inside='mount --bind "$0" "$1" && exec "$1" thread'
	if unshare -m sh -c 'mount --bind "$0" "$1"' "$scratch/evil" "$shell" 2>bind.err; then
		recorded "bind$tier" --tier=$tier -- unshare -m sh -c "$inside" "$scratch/evil" "$shell"
		ns=$(row "bind$tier" mnt_ns)
		holds "another mount namespace is known ($tier)" "$([[ $ns && $ns != "$(stat -Lc %i /proc/self/ns/mnt)" ]] || echo "it is $ns")"
		holds "a name of another mount namespace is marked ($tier)" "$("$MPROTWATCH" --no-timeline \
			-i "bind$tier.rec" 2>&1 | grep -F "$shell [mnt:$ns]" >/dev/null || echo "it is not")"
		equals "a suppression by name does not take it ($tier)" "$("$MPROTWATCH" findings --severity low \
			--rules names.rules -i "bind$tier.rec" 2>&1 | grep -c 'low wx:')" 2
		echo 'mount = any' >>names.rules
		equals "unless all mounts are meant ($tier)" "$("$MPROTWATCH" findings --severity low \
			--rules names.rules -i "bind$tier.rec" 2>&1 | grep -c 'low wx:')" 0
		"$MPROTWATCH" findings --learn -q -i "bind$tier.rec" -o learned.rules
		holds "what is learned of it goes by its inode ($tier)" "$(grep -qE "^exe = [0-9a-f]+:[0-9a-f]+ $(stat -c %i evil)$" \
			learned.rules || grep '^exe' learned.rules)"
		equals "and takes it ($tier)" "$("$MPROTWATCH" findings --severity low --rules learned.rules \
			-i "bind$tier.rec" 2>&1 | grep -c 'low wx:')" 0
		rm learned.rules
	else
		skip "another mount namespace ($tier)" "$(cat bind.err)"
	fi
done
exit $failed

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Each attack is found, and nothing else in it; programs that make code for a living,
# and such that do not, have no high finding; counts are those of the changes.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
has_truth || refuse "what a short-lived process was before its first call is not known without truth"

findings=$top/tests/live/findings.py
# A checkout below /tmp would make findings of its own: programs that are run from there.
place=$workloads
case $(realpath "$workloads")/ in
/tmp/* | /var/tmp/* | /dev/shm/* | /run/user/*)
	place=$(mktemp -d /opt/mpw-live.XXXXXX)
	trap 'rm -rf "$place"; cleanup' EXIT
	cp "$workloads"/{attack,flip} "$place"
	[[ ! -x $workloads/compat32 ]] || cp "$workloads/compat32" "$place"
	;;
esac
attack=$place/attack
cp "$attack" other

# An act's process has its name; what the machine can't do is noted in "cannot".
cat >acts.sh <<'END'
for act in shellcode rwx patch patch-libc alias alias2 relro rop stack thread-stack guard heap unpack \
	moved implied born bss pieces inject seize mdwe seal shm stomp stomp2 memfd deleted tmp limit written; do
	"$1" $act ./other
	case $? in 0) ;; 77) echo $act >>cannot ;; *) echo "$act failed" ;; esac
done
END
trace acts --severity info -- bash acts.sh "$attack"
"$findings" list acts.json >acts.found

# found ACT "SEVERITY RULE, ...": that and nothing else is found.
found() {
	if grep -qsx "$1" cannot; then
		skip "$1: what is found" "this kernel can't"
	else
		equals "$1: what is found" "$(sed -n "s/^$1: //p" "${3:-acts}.found")" "$2"
	fi
}

holds "the acts succeed" "$(cat acts.expect)"
found shellcode "low w-to-x, medium wx"
found rwx "low wx"
found patch "medium x-to-w"
found patch-libc "high x-to-w"
found alias "low alias, low memfd-exec"
found alias2 "" # what he does is found where the memory is run
found other "low tmp-exec"
found reader "high alias, low memfd-exec"
found relro "high relro-undone"
found rop "high relro-undone"
found stack "high stack-exec"
found thread-stack "high stack-exec"
found guard "medium guard-gone"
found heap "high heap-exec"
found moved "low w-to-x"
found implied "high stack-exec"
found born "low mem-write, medium born-exec"
found bss "medium w-to-x"
found written "low tmp-exec, medium w-to-x"
found pieces "low w-to-x"
found unpack "low w-to-x, medium unpack"
found inject "high traced, low wx"
found seize "high traced, low wx"
found mdwe "low denied"
found seal "medium denied"
found shm "medium wx"
found stomp "high stomp"
found stomp2 "high stomp"
found deleted "medium deleted-exec"
found tmp "low tmp-exec"
found limit "medium map-limit"
holds "memfd: the program is found" "$(grep -q 'medium memfd-exec$' acts.found || cat acts.found)"
equals "nobody else did anything" "$(wc -l <acts.found)" $((31 - $(cat cannot 2>/dev/null | wc -l)))
grep -qsx inject cannot || holds "the injector is named" "$(grep -q 'while inject, pid [0-9]*, traced' acts.json || echo no)"
holds "counts are those of the changes" "$("$findings" sums acts.json)"

printf '[thresholds]\nanon-exec-after = 200ms\n' >late.rules
trace late --severity info --rules late.rules -- "$attack" late
"$findings" list late.json >late.found
as_schema "findings are as the schema says" late
found late "low wx, medium anon-exec" late

# A call by the 32-bit entry: foreign to a 64-bit program, not to a 32-bit one.
if int80_works; then
	trace int80 --compat --severity info -- "$attack" int80
	equals "int80 ends well" $status 0
	"$findings" list int80.json >int80.found
	found int80 "high compat, low w-to-x" int80
else
	skip "int80: what is found" "$why"
fi
if runs_32bit; then
	trace compat32 --compat --severity info -- "$place/compat32"
	equals "compat32 ends well" $status 0
	"$findings" list compat32.json >compat32.found
	found compat32 "low w-to-x" compat32
else
	skip "compat32: what is found" "$why"
fi

# Programs that people run; what is found in each is printed.
cat >quiet.sh <<'END'
can() { command -v "$1" >/dev/null || { echo "$1" >>cannot; false; }; }
can python3 && python3 -c 'import ctypes, json, threading
ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)
threading.Thread(target=print).start()'
can grep && echo abcd | grep -cP 'a(b|c)+d'
printf 'int main(void) { return 0; }\n' >main.c
can gcc && gcc -O2 -o main main.c && ./main
can node && node -e 'for (let i = 0; i < 100; i++) {
	const f = new Function("a", `let s = a; for (let j = 0; j < 20000; j++) s += j ^ ${i}; return s`);
	f(1); f(2); }'
can luajit && luajit -e 'local x = 0 for i = 1, 1e6 do x = x + i end'
can php && php -d opcache.enable_cli=1 -d opcache.jit_buffer_size=4M -d opcache.jit=tracing \
	-r 'for ($i = 0, $x = 0; $i < 1e6; $i++) { $x += $i; } preg_match("/a(b|c)+d/", "abd");'
can perl && perl -e 'print sort 3, 1, 2'
can apt-get && apt-get --version
can setpriv && setpriv --no-new-privs ls /
"$1" # our own demo of a JIT
true
END
trace quiet --severity info -- bash quiet.sh "$place/flip"
"$findings" list quiet.json >quiet.found
sed 's/^/# /' quiet.found
holds "what people run has no high finding" "$(grep high quiet.found)"
holds "it was not for want of looking" "$(grep -q '^grep: low wx$' quiet.found || cat quiet.found)"
found flip "info jit-like, low refused-hole, low w-to-x, low wx, low x-to-w" quiet
holds "counts are those of the changes, in these too" "$("$findings" sums quiet.json)"

# Nothing that can be seen tells tcc -run from an attack on the heap: an example suppresses it.
if command -v tcc >/dev/null; then
	printf 'int main(void) { return 0; }\n' >run.c
	sed -n '/^;\[suppress tcc/,/^;reason/s/^;//p' "$top/contrib/examples.rules" >tcc.rules
	for rules in /dev/null tcc.rules; do
		trace tcc --severity info --rules "$rules" -- tcc -run run.c
		"$findings" list tcc.json >"${rules##*/}.found"
	done
	equals "tcc -run: what is found" "$(cat null.found)" "tcc: high heap-exec"
	equals "the example of a suppression covers it" "$(cat tcc.rules.found)" ""
else
	skip "tcc -run: what is found" "tcc is not installed"
fi
exit $failed

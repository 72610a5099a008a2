#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The audit's verdict is what happens: real programs, as far as they are installed, are audited,
# and run under PR_SET_MDWE, where strace sees what is refused. The table in README.md is of here.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
not_emulated

export PYTHONDONTWRITEBYTECODE=1
mdwe=$workloads/mdwe
"$mdwe" true 2>/dev/null || refuse "this kernel has no PR_SET_MDWE (Linux 6.3)"
has_truth || refuse "what a short-lived process was before its first call is not known without truth"

printf 'int main(void) { return 0; }\n' >main.c
printf 'int answer(void) { return 42; }\n' >answer.c
printf 'int n = 42;\nint answer(void) { return n; }\n' >reloc.c
printf 'int answer(void);\nint main(void) { return answer() != 42; }\n' >asks.c
jit='const f = new Function("a", "let s = a; for (let j = 0; j < 20000; j++) s += j; return s"); f(1);'
declare -A nr=([yes]=0 [no]=0)

# program WANTED NAME COMMAND...: its verdict, which must be WANTED, and what happens to it.
program() {
	local wanted=$1 name=$2 plain really refused prctl filter

	shift 2
	if [[ $1 == bash && $3 == *qemu-system-x86_64* ]] && ! command -v qemu-system-x86_64 >/dev/null; then
		skip "$name: the verdict is what happens" "qemu-system-x86_64 is not installed"
		return
	fi
	if ! command -v "$1" >/dev/null || ! command -v strace >/dev/null; then
		skip "$name: the verdict is what happens" "$1 or strace is not installed"
		return
	fi
	"$@" >/dev/null 2>&1 </dev/null
	plain=$?
	{
		strace -f --seccomp-bpf -qq -e trace=mmap,mprotect,pkey_mprotect,shmat -o strace.log \
			"$mdwe" "$@" >/dev/null 2>&1 </dev/null
		really=$?
	} 2>/dev/null # what bash says of one that was killed
	refused=$(grep -cE '(PROT_EXEC|SHM_EXEC|GROWSDOWN).* = -1 EACCES' strace.log)
	audit program -- "$@"
	read -r prctl filter < <(fields program prctl.verdict filter.verdict)
	holds "$name: the verdict is what happens" "$(
		[[ $prctl == "$wanted" ]] || echo "the verdict is $prctl"
		[[ $wanted == yes ]] && ((refused)) && echo "$refused calls were refused"
		[[ $wanted == yes && $really != "$plain" ]] && echo "it ends with $really, not $plain"
		[[ $wanted == no && $refused == 0 && $really == "$plain" ]] && echo "nothing was refused"
	)"
	nr[$wanted]=$((nr[$wanted] + 1))
	printf '# | %s | %s | %s | %s |\n' "$name" "$prctl" "$filter" \
		"$( ((refused)) && echo "$refused refused" || echo "none refused")$(
			[[ $really == "$plain" ]] || echo ", ends with $really")"
}

echo '# | program | audit: prctl | filter | really, under PR_SET_MDWE |'
echo '# |---|---|---|---|'
program yes "bash, pipes" bash -c 'for i in 1 2 3; do echo $i | cat | sort; done'
program yes gcc gcc -O2 -o main main.c
program yes perl perl -e 'print sort map { $_ ** 2 } 1 .. 1000'
program yes "python3, json" /usr/bin/python3 -c 'import json; json.dumps([1] * 1000)'
program yes "node --jitless" node --jitless -e 'let s = 0; for (let i = 0; i < 1e5; i++) s += i;'
program yes "luajit -joff" luajit -joff -e 'local x = 0 for i = 1, 1e6 do x = x + i end'
program yes "erlang, JIT in an alias" erl -noshell -eval 'lists:sum(lists:seq(1, 1000)), halt().'
program yes "php, JITs off" php -d pcre.jit=0 -d opcache.enable_cli=1 -d opcache.jit_buffer_size=4M \
	-d opcache.jit=disable -r 'preg_match("/a(b|c)+d/", "abd");'
program yes "qemu, code mapped twice" bash -c 'echo quit | qemu-system-x86_64 -accel tcg,split-wx=on \
	-display none -S -nodefaults -monitor stdio'
program no "qemu" bash -c 'echo quit | qemu-system-x86_64 -accel tcg -display none -S -nodefaults \
	-monitor stdio'
program yes "git grep -P, no JIT" git grep --no-index -cP '(*NO_JIT)i(n|m)t' -- main.c
program no node node -e "$jit"
program no luajit luajit -e 'local x = 0 for i = 1, 1e6 do x = x + i end'
program no "grep -P" grep -cP 'i(n|m)t' main.c
program no "python3, ctypes" /usr/bin/python3 -c 'import ctypes; ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)()'
program no "git grep -P" git grep --no-index -cP 'i(n|m)t' -- main.c
program no "php, JIT" php -d opcache.enable_cli=1 -d opcache.jit_buffer_size=4M \
	-d opcache.jit=tracing -r 'for ($i = 0, $x = 0; $i < 1e6; $i++) { $x += $i; }'
program no java java -version
program no qemu-x86_64 qemu-x86_64 /bin/true
program no sbcl sbcl --noinform --eval '(exit)'

# What the loader does: that of the kernel, which asks for segments and not for stacks; and libc's.
# with_right TYPE BIT FILE: a right more for segments of a type in a 64-bit program.
with_right() {
	python3 - "$@" <<'END'
import struct, sys
kind, bit, name = int(sys.argv[1], 0), int(sys.argv[2]), sys.argv[3]
elf = bytearray(open(name, "rb").read())
at, = struct.unpack_from("=Q", elf, 32)
size, nr = struct.unpack_from("=HH", elf, 54)
for i in range(nr):
    found, flags = struct.unpack_from("=II", elf, at + i * size)
    if found == kind and (flags & 1 or kind != 1):
        struct.pack_into("=I", elf, at + i * size + 4, flags | bit)
open(name, "wb").write(elf)
END
}
cp "$workloads/deny" segment
with_right 1 2 segment
program no "a segment that is rwx" ./segment list
cp "$workloads/deny" stacked
with_right 0x6474e551 1 stacked
program yes "a program's executable stack" ./stacked list
gcc -shared -fPIC -Wl,-z,execstack -o libanswer.so answer.c 2>/dev/null &&
	gcc -Wl,-z,noexecstack -o asks asks.c ./libanswer.so
program no "a library's executable stack" ./asks
holds "it is named" "$([[ $(fields program refused.0.asked_by) == */libanswer.so ]] || cat program.json)"
gcc -shared -fno-pic -mcmodel=large -Wl,-z,notext -o libreloc.so reloc.c 2>/dev/null &&
	gcc -o relocated asks.c ./libreloc.so
program no "a library's text relocations" ./relocated
if ((nr[yes] >= 5 && nr[no] >= 5)); then
	echo "ok - five programs or more pass, and five do not"
else
	skip "five programs or more pass, and five do not" "so many are not installed"
fi
exit $failed

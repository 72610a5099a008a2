#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Real programs from birth to death: a JIT with threads, interpreters, a compiler with its
# children. Every mirror is the kernel's at the end, every path exists, and the calls are as
# many as strace counts.
# How a loader cuts its mappings depends on where they are (on arm64, pages can have 64 KiB).
[[ ${NOT_RANDOM-} ]] || NOT_RANDOM=1 exec setarch -R "$0"
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

cat >main.c <<'END'
#include <stdio.h>
int main(void) { puts("hello"); return 0; }
END
cat >loop.lua <<'END'
local s = 0
for i = 1, 2000000 do s = (s * 31 + i) % 65521 end
for i = 1, 200 do local t = {} for j = 1, 500 do t[j] = string.rep("x", j % 97) end end
print(s)
END
cat >loop.js <<'END'
const f = n => { let s = 0; for (let i = 0; i < n; i++) s = (s * 31 + i) % 65521; return s; };
for (let i = 0; i < 50; i++) f(100000);
const all = []; for (let i = 0; i < 200000; i++) all.push({ i });
new (require('worker_threads').Worker)('for (let i = 0; i < 1e6; i++);', { eval: true });
console.log(all.length);
END

# program NAME COMMAND...
program() {
	local name=$1

	shift
	if ! command -v "$1" >/dev/null; then
		echo "ok - $name # SKIP $1 is not installed"
		return
	fi
	trace "$name" --verify --strict -- "$@"
	well "$name" "$name ends well, with nothing lost and nothing wrong"
	holds "its mirrors are the kernel's" "$("$check" verified "$name.json" 2>&1)"
	holds "its paths are right" "$("$check" paths "$name.json" 2>&1)"
}

# The same for one that makes the same calls each time: they are counted.
steady_program() {
	local name=$1

	program "$@"
	shift
	[[ -s $name.json ]] || return
	rm -f main
	strace -f -qq -c -e trace=%memory -o "$name.strace" "$@" >/dev/null 2>&1 </dev/null
	holds "its calls are as many as strace counts" \
		"$("$check" counts "$name.json" "$name.strace" 2>&1)"
}

export PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
steady_program python /usr/bin/python3 -c 'import json, subprocess
x = [bytearray(100000) for i in range(200)]
subprocess.run(["/bin/true"])
print(len(json.dumps([1] * 100000)))'
steady_program luajit luajit loop.lua
steady_program gcc gcc -O1 -o main main.c
program node node loop.js
exit $failed

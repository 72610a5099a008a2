#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# tests/bench/findings.sh [O]: what is found in programs that people run (as far as they are
# installed), and how often in a minute. README has its table.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${1:-build}")
list=$PWD/tests/live/findings.py
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

echo '| program | high | medium | low | info | a minute | rules |'
echo '|---|---|---|---|---|---|---|'

# row NAME COMMAND...
row() {
	local name=$1 from to

	shift
	command -v "$1" >/dev/null || return
	from=${EPOCHREALTIME/./}
	"$build/mprotwatch" findings -q -j -o found.json -- "$@" >/dev/null 2>&1 </dev/null
	to=${EPOCHREALTIME/./}
	python3 - "$name" $((to - from)) "$("$list" list found.json | sed 's/^.*: //' | paste -sd,)" <<'END'
import collections, json, sys
name, us, rules = sys.argv[1], int(sys.argv[2]), sys.argv[3]
nr = collections.Counter()
for line in open("found.json"):
    x = json.loads(line)
    if x["type"] == "finding" and x["state"] == "over":
        nr[x["severity"]] += 1
words = sorted({w.split()[-1] for w in rules.split(",") if w.strip()})
print(f"| {name} |", " | ".join(str(nr[s]) for s in ("high", "medium", "low", "info")),
      f"| {sum(nr.values()) * 60e6 / us:.0f} | {', '.join(words) or '-'} |")
END
}

printf 'int main(void) { return 0; }\n' >main.c
printf 'class T { public static void main(String[] a) { long s = 0;\nfor (int i = 0; i < 100000000; i++) s += i ^ s; System.out.println(s); } }\n' >T.java
row node node -e 'const end = Date.now() + 5000; for (let i = 0; Date.now() < end; i++) {
	const f = new Function("a", `let s = a; for (let j = 0; j < 20000; j++) s += j ^ ${i}; return s`); f(1); f(2); }'
row java java T.java
row "php, tracing JIT" php -d opcache.enable_cli=1 -d opcache.jit_buffer_size=16M -d opcache.jit=tracing \
	-r 'for ($i = 0, $x = 0; $i < 1e8; $i++) { $x += $i; }'
row luajit luajit -e 'local x = 0 for i = 1, 2e9 do x = x + i end'
row pypy3 pypy3 -c 'print(sum(i * i for i in range(10 ** 8)))'
row erlang erl -noshell -eval 'lists:sum(lists:seq(1, 10000000)), halt().'
row "python3, ctypes" python3 -c 'import ctypes, json
for _ in range(1000): ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)()'
row "grep -P" grep -rcP 'a(b|c)+d' /usr/include
row "gcc, 20 times" bash -c 'for i in {1..20}; do gcc -O2 -o main main.c; done'
row perl perl -e 'my $x = 0; $x += $_ for 1 .. 1e7'
mkdir -p lists/partial
row "apt-get update" apt-get update -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD"

# Daemons that serve.
cat >nginx.conf <<END
worker_processes 2;
pid $PWD/nginx.pid;
error_log $PWD/error.log;
events {}
http { access_log off; server { listen 127.0.0.1:8765; root /usr/share; } }
END
# shellcheck disable=SC2016
command -v nginx curl >/dev/null && row "nginx, 200 requests" bash -c 'nginx -c "$PWD/nginx.conf" && sleep 0.5
	for i in {1..200}; do curl -sf http://127.0.0.1:8765/common-licenses/BSD -o /dev/null; done; kill "$(cat nginx.pid)"; sleep 0.5'
ssh-keygen -q -t ed25519 -N "" -f key && cp key.pub allowed
# shellcheck disable=SC2016
command -v ssh >/dev/null && row "sshd, 10 logins" bash -c 'mkdir -p /run/sshd
	/usr/sbin/sshd -D -p 8766 -o ListenAddress=127.0.0.1 -o HostKey="$PWD/key" -o StrictModes=no -o PidFile=none \
		-o AuthorizedKeysFile="$PWD/allowed" & daemon=$!; sleep 0.5
	for i in {1..10}; do ssh -p 8766 -i key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o LogLevel=ERROR 127.0.0.1 true && echo in >>logins; done; kill $daemon'
# shellcheck disable=SC2016
chmod 711 . # for those who serve under another user
pg=$(compgen -G '/usr/lib/postgresql/*/bin' | tail -1)
if [[ $pg ]] && install -d -o postgres db && runuser -u postgres -- "$pg/initdb" -D "$PWD/db/data" >/dev/null; then
	row "PostgreSQL with JIT" runuser -u postgres -- bash -c 'cd "$1/db"; "$0/pg_ctl" -s -w -D data -o "-k $1/db -h \"\"" start
		psql -qAt -h "$1/db" -c "set jit_above_cost = 0; set jit_inline_above_cost = 0; set jit_optimize_above_cost = 0;
			select sum(i * i) from generate_series(1, 3000000) i where i % 3 > 0" postgres
		"$0/pg_ctl" -s -D data -m fast stop' "$pg" "$PWD"
fi
fpm=$(compgen -G '/usr/sbin/php-fpm*' | tail -1)
cat >fpm.conf <<END
[global]
error_log = $PWD/fpm.log
[www]
user = nobody
listen = $PWD/fpm.sock
pm = static
pm.max_children = 2
END
printf '<?php for ($i = 0, $x = 0; $i < 1e7; $i++) { $x += $i; } echo $x;' >x.php
# shellcheck disable=SC2016
[[ $fpm ]] && command -v cgi-fcgi >/dev/null && row "php-fpm with JIT, 3 requests" bash -c '"$0" -F -R -y "$1/fpm.conf" -d opcache.enable=1 \
	-d opcache.jit_buffer_size=16M -d opcache.jit=tracing & daemon=$!; sleep 0.5
	for i in 1 2 3; do SCRIPT_FILENAME=$1/x.php REQUEST_METHOD=GET cgi-fcgi -bind -connect "$1/fpm.sock"; done; kill $daemon; wait' "$fpm" "$PWD"
row qemu-x86_64 qemu-x86_64 /bin/true
command -v tcc >/dev/null && row "tcc -run" tcc -run main.c
row "node, large pages" node --use-largepages=on -e 'for (let i = 0; i < 1e6; i++);'
printf 'main = print (sum [1 .. 1000000 :: Int])\n' >h.hs
command -v ghc >/dev/null && row "ghc, and its program" bash -c 'ghc -O -o h h.hs >/dev/null && ./h'
printf 'class T { static void Main() { long s = 0; for (int i = 0; i < 100000000; i++) s += i ^ s; System.Console.WriteLine(s); } }\n' >T.cs
command -v mcs >/dev/null && mcs T.cs && row mono mono T.exe
row "gdb, a program of its own" gdb -batch -ex 'break main' -ex run -ex 'call (void *)malloc(100)' -ex cont --args ./main
row gstreamer gst-launch-1.0 -q videotestsrc num-buffers=50 ! videoconvert ! videoscale ! video/x-raw,width=640 ! fakesink
export HOME=$PWD WINEDEBUG=-all WINEPREFIX=$PWD/wine
row wine wine cmd /c 'echo hi'
row firefox timeout 60 firefox-esr --headless --no-remote --profile "$PWD" --screenshot "$PWD/page.png" \
	'data:text/html,<script>for (let i = 0; i < 1e7; i++);</script>'
row chromium timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/chromium" \
	--dump-dom 'data:text/html,<script>for (let i = 0; i < 1e7; i++);</script>'
row sbcl sbcl --noinform --eval '(progn (print (loop for i below 10000000 sum i)) (exit))'
row "strace -f" strace -f -o trace bash -c 'for i in 1 2 3; do ls; done'

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Costs of tracing, measured in one run: interleaved rounds, medians, ratios.

usage: bench.py BUILD_DIR [ROUNDS]
Needs root. Peers that are not installed are left out, and named.
"""
import os
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
TOOL = os.path.join(BUILD, "mprotwatch")
WORKER = os.path.join(BUILD, "bench", "worker")
FLOOR = os.path.join(BUILD, "bench", "floor")


class Worker:
    """The process that makes the calls: tracers come and go around it."""

    def __init__(self, *how):
        self.p = subprocess.Popen([WORKER, *how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.p.pid

    def begin(self, word, count):
        self.p.stdin.write(f"{word} {count}\n")
        self.p.stdin.flush()

    def end(self):
        return float(self.p.stdout.readline())

    def ask(self, word, count):
        self.begin(word, count)
        return self.end()

    def close(self):
        self.p.stdin.close()
        self.p.wait()


class Tracer:
    """One way of tracing: a command that is started around a measurement and stopped after it."""

    def __init__(self, name, argv, calls, ready=None, stop="int", settle=1.0, needs=None):
        self.name, self.argv, self.calls = name, argv, calls
        self.ready, self.stop, self.settle = ready, stop, settle
        self.needs = needs

    def missing(self):
        return self.needs and not shutil.which(self.needs)

    def __enter__(self):
        self.p = None
        if not self.argv:
            return self
        self.err = tempfile.TemporaryFile()
        self.p = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                  stderr=self.err, start_new_session=True)
        deadline = time.time() + 20
        while self.ready and self.ready not in self.said():
            if time.time() >= deadline or self.p.poll() is not None:
                break
            time.sleep(0.02)
        time.sleep(self.settle)
        if self.ready and self.ready not in self.said() or self.p.poll() is not None:
            self.end()
            sys.exit(self.tells(f"was not ready: it ended, or 20 s went by without {self.ready!r}"))
        return self

    def said(self):
        return os.pread(self.err.fileno(), 1 << 20, 0)  # its place is that of the program, too

    def end(self):
        if self.p.poll() is None:
            os.killpg(self.p.pid, signal.SIGKILL)
        return self.p.wait()

    def tells(self, what):
        return f"bench: {self.name} {what}; its status is {self.p.returncode}, and it said {self.said()!r}"

    def __exit__(self, *exc):
        if not self.p:
            return
        if self.stop == "eof":
            self.p.stdin.close()
        elif self.p.poll() is None:
            os.killpg(self.p.pid, signal.SIGINT)
        try:
            self.p.wait(30)
        except subprocess.TimeoutExpired:
            self.end()
            print(self.tells("did not end within 30 s"), file=sys.stderr)
        self.err.close()


def with_tracefs(argv):
    """perf and bpftrace want tracefs mounted: in a mount namespace of their own."""
    return ["unshare", "-m", "sh", "-c",
            'mount -t tracefs none /sys/kernel/tracing 2>/dev/null; exec "$@"', "sh"] + argv


def tracers(pid, tmp):
    out = os.path.join(tmp, "out")
    mw = [TOOL, "-p", str(pid), "--no-timeline", "-o", out]
    ev = "syscalls:sys_enter_mprotect,syscalls:sys_exit_mprotect"
    bt = ('tracepoint:syscalls:sys_exit_mprotect /pid == %d/ '
          '{ printf("%%llu %%s %%d %%d\\n", nsecs, comm, pid, args->ret); }' % pid)
    return [
        Tracer("untraced", None, 100000),
        Tracer("floor: empty program", [FLOOR, "empty", str(pid)], 100000, b"ready", "eof", 0.05),
        Tracer("floor: 80-byte record", [FLOOR, "record", str(pid)], 100000, b"ready", "eof", 0.05),
        Tracer("mprotwatch, truth tier", mw, 100000, b"tracing", "int", 0.2),
        Tracer("mprotwatch, inference tier", mw + ["--tier=inference"], 100000, b"tracing", "int", 0.2),
        Tracer("mprotwatch record", [TOOL, "record", "--force", "-o", out + ".rec", "-p", str(pid)],
               100000, b"tracing", "int", 0.2),
        Tracer("perf record", with_tracefs(["perf", "record", "-q", "-e", ev, "-p", str(pid),
                                            "-o", os.path.join(tmp, "perf.data")]), 50000,
               needs="perf"),
        Tracer("strace", ["strace", "-q", "-e", "trace=mprotect", "-o", out, "-p", str(pid)], 5000,
               needs="strace"),
        Tracer("bpftrace printf", with_tracefs(["bpftrace", "-q", "-o", out, "-e", bt]), 5000,
               settle=2.5, needs="bpftrace"),
        Tracer("perf trace", with_tracefs(["perf", "trace", "-e", "mprotect", "-p", str(pid),
                                           "-o", out]), 5000, needs="perf"),
    ]


def measure_hooks(tmp):
    worker = Worker()
    rows = [t for t in tracers(worker.pid, tmp)]
    for t in rows:
        if t.missing():
            print(f"# left out, not installed: {t.name}")
    rows = [t for t in rows if not t.missing()]
    got = {t.name: ([], []) for t in rows}
    for _ in range(ROUNDS):
        for t in rows:
            with t:
                worker.ask("mprotect", 2000)
                got[t.name][0].append(worker.ask("mprotect", t.calls))
                got[t.name][1].append(worker.ask("getppid", t.calls))
    worker.close()
    med = {n: (statistics.median(a), statistics.median(b)) for n, (a, b) in got.items()}
    base = med["untraced"]
    record = med["floor: 80-byte record"][0] - base[0]
    print(f"\nns per call, medians of {ROUNDS} interleaved rounds; mprotwatch writes text to a file")
    print(f"{'':28} {'mprotect':>9} {'added':>8} {'x record':>9}   {'getppid':>8} {'added':>7}")
    for n, (a, b) in med.items():
        print(f"{n:28} {a:9.0f} {a - base[0]:8.0f} {(a - base[0]) / record:9.2f}   {b:8.0f} {b - base[1]:7.0f}")
    peers = [a - base[0] for n, (a, _) in med.items() if n.split()[0] in ("perf", "strace", "bpftrace")]
    ours = med["mprotwatch, truth tier"][0] - base[0]
    print(f"goal: at most 0.8 x what the bare record adds: {ours / record:.2f}")
    over = ours + base[0] - med["mprotwatch, inference tier"][0]
    print(f"goal: truth at most 60 ns over inference: {over:.0f}")
    if peers:
        print(f"goal: at most 1/3 of the cheapest peer: {ours / min(peers):.2f}")


def measure_cpus(tmp):
    """Processes that call at once, each on a CPU of its own; and tracers that have been warm for long."""
    print("\nns per mprotect of processes that call at once; cold: tracers start afresh; warm: after 400,000 calls")
    med = {}
    for nr in (1, 2):
        workers = [Worker() for _ in range(nr)]
        pids = [str(w.pid) for w in workers]
        mw = [TOOL, *(o for p in pids for o in ("-p", p)), "--no-timeline", "-o", os.path.join(tmp, "out")]
        for name, argv, ready, stop in [
                ("untraced", None, None, None), ("bare ring record", [FLOOR, "record", *pids], b"ready", "eof"),
                ("mprotwatch, truth", mw, b"tracing", "int"),
                ("mprotwatch, inference", mw + ["--tier=inference"], b"tracing", "int")]:
            cold, warm = [], []
            for _ in range(ROUNDS):
                with Tracer(name, argv, 0, ready, stop, 0.2):
                    for into, count in ((None, 2000), (cold, 100000), (None, 300000), (warm, 100000)):
                        for w in workers:
                            w.begin("mprotect", count)
                        took = [w.end() for w in workers]
                        if into is not None:
                            into.append(statistics.mean(took))
            med[nr, name] = statistics.median(cold), statistics.median(warm)
        for w in workers:
            w.close()
    for (nr, name), (cold, warm) in med.items():
        base, bare = med[nr, "untraced"], med[nr, "bare ring record"]
        print(f"  {nr} {name:22} cold {cold:6.0f} warm {warm:6.0f}   added {cold - base[0]:6.0f} {warm - base[1]:6.0f}   "
              f"x bare {(cold - base[0]) / (bare[0] - base[0]):5.2f} {(warm - base[1]) / (bare[1] - base[1]):5.2f}")
    print("goals, x bare: one CPU at most 0.8 cold and 1.15 warm, two CPUs 0.65; two at most 1.15 of one")


WORK = [
    ("gcc -O2", ["gcc", "-O2", "-w", "-c", "-o", os.devnull, "tests/bench/worker.c", "-D_GNU_SOURCE"]),
    ("python3 with ctypes", ["python3", "-c", "import ctypes, json, argparse"]),
    ("node", ["node", "-e", "1"]),
    ("java -version", ["java", "-version"]),
    ("200 x true", ["sh", "-c", "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"]),
]


def measure_work(tmp):
    """Whole programs beside a trace of the whole machine: their time, as a ratio to that without one."""
    out = os.path.join(tmp, "out")
    ways = [("untraced", None), ("text", [TOOL, "-a", "--no-timeline", "-o", out]),
            ("record", [TOOL, "record", "-a", "--force", "-o", out + ".rec"]),
            ("text with -k", [TOOL, "-a", "-k", "--no-timeline", "-o", out])]
    print("\nreal work beside a trace of the whole machine, untraced = 1 (goals: 1.02; with -k 1.05)")
    for name, argv in WORK:
        if not shutil.which(argv[0]):
            print(f"# left out, not installed: {name}")
            continue
        took = {way: [] for way, _ in ways}
        for _ in range(ROUNDS):
            for way, tracer in ways:
                with Tracer(way, tracer, 0, b"tracing", "int", 0.5):
                    before = time.perf_counter()
                    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
                    took[way].append(time.perf_counter() - before)
        base = statistics.median(took["untraced"])
        print(f"  {name:20} {1000 * base:7.1f} ms   " +
              "   ".join(f"{way} {statistics.median(t) / base:.2f}" for way, t in took.items() if way != "untraced"))


def measure_filters(tmp):
    """What tracing adds to a call of a process under a seccomp filter: that it ran must be proven."""
    kinds = {"no filter": [], "one that always allows": ["allows"], "one that looks": ["looks"]}
    workers = {name: Worker(*how) for name, how in kinds.items()}
    print("\nunder a seccomp filter: ns per mprotect, untraced and traced (text to a file), and x no filter")
    for tier in ("truth", "inference"):
        got = {name: ([], []) for name in kinds}
        for _ in range(ROUNDS):
            for name, w in workers.items():
                w.ask("mprotect", 2000)
                got[name][0].append(w.ask("mprotect", 100000))
                with Tracer("mprotwatch", [TOOL, "-p", str(w.pid), "--no-timeline", f"--tier={tier}",
                                           "-o", os.path.join(tmp, "out")], 0, b"tracing", "int", 0.2):
                    w.ask("mprotect", 2000)
                    got[name][1].append(w.ask("mprotect", 100000))
        med = {n: (statistics.median(a), statistics.median(b)) for n, (a, b) in got.items()}
        bare = med["no filter"]
        for n, (a, b) in med.items():
            print(f"  {tier:10} {n:24} {a:6.0f} {b:6.0f}   in all {b / bare[1]:5.2f}   "
                  f"added {(b - a) / (bare[1] - bare[0]):5.2f}")
    for w in workers.values():
        w.close()
    print("goal: at most 1.15 x what a call without a filter costs")


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as f:
        return int(f.read().split()[0])


def measure_user_side(tmp):
    """CPU time of the tool itself per event, while a burst of 1,000,000 events goes through."""
    worker = Worker()
    print("\nuser side: CPU time of the tool per event (mirror and text to a file), by size of the mirror")
    for nr in (100, 1000, 10000, 60000):
        worker.ask("map", nr)
        costs = []
        for _ in range(ROUNDS):
            with Tracer("mprotwatch", [TOOL, "-p", str(worker.pid), "--no-timeline", "--ring-size=64M",
                                       "-o", os.path.join(tmp, "out")], 0, b"tracing", "int", 0.5) as t:
                before = cpu_ns(t.p.pid)
                worker.ask("spread", 300000)
                time.sleep(0.4)
                costs.append((cpu_ns(t.p.pid) - before) / 300000)
        print(f"  {nr:6} mappings: {statistics.median(costs):5.0f} ns")
    worker.close()


def storm(name, argv, nr=1):
    """Processes call mprotect as fast as they can for 10 s. Returns the calls, and what the tool says."""
    workers = [Worker() for _ in range(nr)]
    pids = [o for w in workers for o in ("-p", str(w.pid))]
    with Tracer(name, [TOOL, *argv, *pids], 0, b"tracing", "int", 0.3) as t:
        calls, end = 0, time.time() + 10
        while time.time() < end:
            for w in workers:
                w.begin("mprotect", 100000)
            for w in workers:
                w.end()
            calls += nr * 100000
        os.killpg(t.p.pid, signal.SIGINT)
        t.p.wait()
        said = next(l for l in t.said().decode().splitlines() if re.search(r" events, .* lost$", l))
    for w in workers:
        w.close()
    return calls, said


def measure_storm(tmp):
    out = os.path.join(tmp, "storm")
    calls, said = storm("mprotwatch", ["--no-timeline", "-o", out])
    lines = int(subprocess.run(["grep", "-c", " mprotect ", out], capture_output=True, text=True).stdout)
    print(f"\nstorm of 10 s: {calls} calls, {lines} lines; the tool says: {said}")
    for name, argv in (("text", ["--no-timeline", "-o", out]), ("record", ["record", "--force", "-o", out + ".rec"])):
        calls, said = storm(f"mprotwatch, {name}", argv, 2)
        print(f"storm of 10 s by two processes, {name}: {calls} calls; the tool says: {said}")


def measure_recording(tmp):
    """The same storm recorded, and what reading takes in a file of 10,000,000 changes."""
    rec = os.path.join(tmp, "storm.rec")
    calls, said = storm("mprotwatch record", ["record", "-o", rec])
    size = os.path.getsize(rec)
    subprocess.run(["zstd", "-q", "-3", "--rm", rec])
    packed = os.path.getsize(rec + ".zst") / calls if os.path.exists(rec + ".zst") else 0
    print(f"\nthe same storm recorded: {calls} calls, {size / calls:.1f} bytes each, {packed:.1f} under zstd -3; "
          f"the tool says: {said}")
    big = os.path.join(tmp, "big.rec")
    wrote = float(subprocess.run([os.path.join(BUILD, "bench", "recording"), big, "10000000"],
                                 capture_output=True, text=True).stdout)
    print(f"a recording of 10,000,000 changes, written in {wrote:.1f} s, {os.path.getsize(big) / 1e7:.1f} bytes each")
    for name, argv in [("to text", ["-i", big]), ("maps --at", ["maps", "--plain", "-i", big, "-p", "1003", "--at", "+7"]),
                       ("maps --diff", ["maps", "-i", big, "-p", "1003", "--at", "+1", "--diff", "+9"]),
                       ("query", ["query", "-i", big, "SELECT call, count(*) FROM changes GROUP BY 1"])]:
        before = time.time()
        subprocess.run([TOOL] + argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"  {name:12} {time.time() - before:6.2f} s")


def rss_kb(pid):
    with open(f"/proc/{pid}/status") as f:
        rows = dict(l.split(":", 1) for l in f if ":" in l)
    return int(rows["RssAnon"].split()[0]), int(rows["VmRSS"].split()[0])


def measure_idle(tmp):
    """The whole machine, idle but for 500 sleeping processes."""
    sleepers = [subprocess.Popen(["sleep", "60"]) for _ in range(500)]
    with Tracer("mprotwatch", [TOOL, "-o", os.path.join(tmp, "out")], 0, b"tracing", "int", 2) as t:
        before, wall = cpu_ns(t.p.pid), time.time()
        time.sleep(8)
        used = (cpu_ns(t.p.pid) - before) / 1e9 / (time.time() - wall)
        anon, rss = rss_kb(t.p.pid)
    for s in sleepers:
        s.kill()
        s.wait()
    print(f"\nwhole machine with 500 sleeping processes more: {100 * used:.2f} % of a core; "
          f"RSS {rss / 1024:.1f} MB, of that {anon / 1024:.1f} MB anonymous")


def start_ms(options):
    """How long it takes to read what is mapped already, and the whole run that does only that."""
    reads, runs = [], []
    for _ in range(ROUNDS):
        begin = time.time()
        said = subprocess.run([TOOL, "-v", "--no-timeline", "-o", os.devnull, "-d", "1ms", *options],
                              check=True, capture_output=True, text=True).stderr
        runs.append(1000 * (time.time() - begin))
        reads.append(float(re.search(r"read in ([\d.]+) ms", said)[1]))
    return statistics.median(reads), statistics.median(runs)


def measure_nothing():
    """The parts of a run that has nothing to do, and that run itself."""
    parts, runs = [], []
    for _ in range(ROUNDS):
        begin = time.time()
        said = subprocess.run([TOOL, "-v", "--no-timeline", "-o", os.devnull, "--", "true"],
                              check=True, capture_output=True, text=True).stderr
        runs.append(1000 * (time.time() - begin))
        line = next(l for l in said.splitlines() if "kernel side began" in l)
        parts.append([float(nr) for nr in re.findall(r"\d+\.\d", line)])
    start, look, load, attach = map(statistics.median, zip(*parts))
    print(f"\n-- true: the kernel side begins in {start:.0f} ms (goal: 150), of which a look at the kernel "
          f"{look:.0f}, loading {load:.0f}, attaching {attach:.0f}; from start to end "
          f"{statistics.median(runs):.0f} ms (goal: 250)")


def measure_start():
    worker = Worker()
    worker.ask("map", 60000)
    print(f"\nsnapshot of a process with 60,000 mappings: {start_ms(['-p', str(worker.pid)])[0]:.1f} ms "
          "(goal: under 50)")
    worker.close()
    sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(1000)]
    reads, run = start_ms(["-a"])
    for s in sleepers:
        s.kill()
        s.wait()
    print(f"the whole machine with 1,000 sleeping processes more: mappings read in {reads:.0f} ms, "
          f"from start to end {run:.0f} ms (goal for the start: under 1,000)")


def main():
    if os.geteuid():
        sys.exit("bench: run as root")
    with tempfile.TemporaryDirectory() as tmp:
        measure_hooks(tmp)
        measure_cpus(tmp)
        measure_work(tmp)
        measure_filters(tmp)
        measure_user_side(tmp)
        measure_nothing()
        measure_start()
        measure_storm(tmp)
        measure_recording(tmp)
        measure_idle(tmp)
    print()
    sys.stdout.flush()
    subprocess.run([os.path.join(BUILD, "bench/judge")], check=True)


if __name__ == "__main__":
    main()

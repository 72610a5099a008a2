#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: end.py MPROTWATCH

Who closes the links after a run: orphans become children of this process, so that it can look.
Prints what is wrong, and "id prog N" for each program of the run. Outputs are at their end when
mprotwatch is, and the orphan that lives on has neither them nor anything else but links.
"""
import ctypes
import os
import re
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
RUNS = 20  # until an orphan is seen at work: it may end before it is looked at


def held(pid):
    """What a process has open, as [(link, fdinfo)]; it may end meanwhile."""
    found = []
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with open(f"/proc/{pid}/fdinfo/{fd}") as info:
                found.append((os.readlink(f"/proc/{pid}/fd/{fd}"), info.read()))
    except OSError:
        return []
    return found


def children():
    path = f"/proc/self/task/{os.getpid()}/children"
    with open(path) as f:
        return [int(pid) for pid in f.read().split()]


def is_at_work(pid):
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def look(orphan):
    """What is wrong with the orphan, as a set of sentences; it may have begun only just now."""
    try:
        cwd, session = os.readlink(f"/proc/{orphan}/cwd"), os.getsid(orphan)
    except OSError:
        return {"it is gone"}
    files = held(orphan)
    wrong = {f"it has {name} open" for name, _ in files if "bpf" not in name}
    if not files:
        wrong.add("it has nothing open")
    if cwd != "/":
        wrong.add(f"it is in {cwd}")
    if session != orphan:
        wrong.add("it is in the session of another")
    return wrong


def run():
    """What was always wrong with the orphan, from the end of outputs on: nothing if it is as it should be."""
    p = subprocess.Popen([sys.argv[1], "-v", "-o", "/dev/null", "--", "cat"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while b"tracing" not in p.stdout.readline():
        pass
    for _, info in held(p.pid):
        for nr in re.findall(r"^prog_id:\s*(\d+)", info, re.M):
            print(f"id prog {nr}")
    p.stdin.close()
    p.stdout.read()  # to its end
    p.wait()
    wrong = {"there is no orphan"}
    while wrong and (orphans := [pid for pid in children() if is_at_work(pid)]):
        for orphan in orphans:  # one of them closes the links
            wrong = wrong and look(orphan) or set()
    for orphan in children():
        status = os.waitpid(orphan, 0)[1]
        if status:
            print(f"it ended with {status}")
    return wrong


def main():
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("cannot become a reaper")
    for _ in range(RUNS):
        wrong = run()
        if not wrong:
            return
    print(f"in {RUNS} runs:", *sorted(wrong), sep="\n")


if __name__ == "__main__":
    main()

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
RUNS = 50  # until an orphan is seen that is still at work


def held(pid):
    """What a process has open, as [(link, fdinfo)]; it may end meanwhile."""
    found = []
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with open(f"/proc/{pid}/fdinfo/{fd}") as info:
                found.append((os.readlink(f"/proc/{pid}/fd/{fd}"), info.read()))
    except OSError:
        pass
    return found


def children():
    path = f"/proc/self/task/{os.getpid()}/children"
    with open(path) as f:
        return [int(pid) for pid in f.read().split()]


def look(orphan):
    """True if the orphan was seen at work."""
    try:
        cwd, session = os.readlink(f"/proc/{orphan}/cwd"), os.getsid(orphan)
    except OSError:
        return False
    files = held(orphan)
    if not files:
        return False
    for name, _ in files:
        if "bpf" not in name:
            print(f"it has {name} open")
    if cwd != "/":
        print(f"it is in {cwd}")
    if session != orphan:
        print("it is in the session of another")
    return True


def run():
    """True if an orphan was seen at work."""
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
    seen = any([look(orphan) for orphan in children()])
    for orphan in children():
        status = os.waitpid(orphan, 0)[1]
        if status:
            print(f"it ended with {status}")
    return seen


def main():
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("cannot become a reaper")
    if not any(run() for _ in range(RUNS)):
        print(f"no orphan was seen at work after any of {RUNS} runs: they keep outputs, or do nothing")


if __name__ == "__main__":
    main()

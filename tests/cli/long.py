# SPDX-License-Identifier: BSD-2-Clause
"""long.py WHAT PROGRAM [ARG]...: run a long job, and print what a person would see of it.

terminal  stderr is a terminal, and what it got is printed as Python has it
both      stdout is the same terminal
stop      SIGINT once it has written something to stdout; prints its end, what it said, and how
          much it wrote
patience  stderr is a terminal; SIGINT once it shows something there; prints its end
"""
import os, pty, signal, subprocess, sys


def on_terminal(args, both, stop):
    master, slave = pty.openpty()
    job = subprocess.Popen(args, stdin=subprocess.DEVNULL, stderr=slave,
                           stdout=slave if both else subprocess.DEVNULL)
    os.close(slave)
    said = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # EIO: nobody has it open any more
            piece = b""
        if not piece:
            break
        if stop and not said:
            job.send_signal(signal.SIGINT)
        said += piece
    return job.wait(), said


def stopped(args):
    job = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wrote = len(job.stdout.read(1))
    job.send_signal(signal.SIGINT)
    wrote += len(job.stdout.read())
    return job.wait(), job.stderr.read().decode(), wrote


what, args = sys.argv[1], sys.argv[2:]
if what == "stop":
    status, said, wrote = stopped(args)
    print(status, said, "something" if wrote > 1 else "nothing")
else:
    status, said = on_terminal(args, what == "both", what == "patience")
    print(status, said if what == "terminal" else said.decode())

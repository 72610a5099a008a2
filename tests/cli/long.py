# SPDX-License-Identifier: BSD-2-Clause
"""long.py WHAT PROGRAM [ARG]...: run a long job, and print what a person would see of it.

terminal  stderr is a terminal, and what it got is printed as Python has it
both      stdout is the same terminal
stop      SIGINT once it has written something to stdout; prints its end, what it said, and how
          much it wrote
patience  stderr is a terminal; SIGINT once it shows something there; prints its end
"""
import os, pty, signal, subprocess, sys

PATIENCE = 50  # seconds, for all of it


class Job:
    """A program that is not waited for without end: in vain, what for and what was seen is said."""

    def __init__(self, args, **streams):
        self.p = subprocess.Popen(args, stdin=subprocess.DEVNULL, **streams)
        self.args, self.waits_for, self.seen = args, "", b""
        signal.signal(signal.SIGALRM, self.give_up)
        signal.alarm(PATIENCE)

    def give_up(self, *_):
        self.p.kill()
        sys.exit(f"long.py: waited {PATIENCE} s in vain for {self.waits_for} of {' '.join(self.args)}\n"
                 f"it was seen to say: {self.seen[-1000:]!r}")

    def interrupt(self):
        self.p.send_signal(signal.SIGINT)

    def read(self, fd, what, most=65536):
        self.waits_for = what
        try:
            piece = os.read(fd, most)
        except OSError:  # EIO: nobody has the terminal open any more
            piece = b""
        self.seen += piece
        return piece

    def end(self):
        self.waits_for = "the end"
        return self.p.wait()


def on_terminal(args, both, stop):
    master, slave = pty.openpty()
    job = Job(args, stderr=slave, stdout=slave if both else subprocess.DEVNULL)
    os.close(slave)
    while True:
        first = not job.seen
        if not job.read(master, "the first word" if first else "the end of what it says"):
            break
        if stop and first:
            job.interrupt()
    return job.end(), job.seen


def stopped(args):
    job = Job(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    job.read(job.p.stdout.fileno(), "the first output", 1)
    job.interrupt()
    while job.read(job.p.stdout.fileno(), "the end of its output"):
        pass
    wrote, job.seen = len(job.seen), b""
    while job.read(job.p.stderr.fileno(), "the end of what it says"):
        pass
    return job.end(), job.seen.decode(), wrote


what, args = sys.argv[1], sys.argv[2:]
if what == "stop":
    status, said, wrote = stopped(args)
    print(status, said, "something" if wrote > 1 else "nothing")
else:
    status, said = on_terminal(args, what == "both", what == "patience")
    print(status, said if what == "terminal" else said.decode())

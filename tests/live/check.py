#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare what mprotwatch --json said with what a workload saw of itself (expect.h).

check.py calls [--failed] [--last N] EXPECT JSON   each call told is there, with its changes, in order
check.py calls --honest EXPECT JSON                what is there of them is right, or said to be unknown
check.py verified JSON                             mirrors were compared with the kernel, and did not differ
check.py schema SCHEMA [JSON]                      the schema is one, and each line is as it says
check.py values KEY[,KEY] JSON                     of each line that has them
check.py sum EXPECT JSON                           events seen and lost are no fewer than a storm made
check.py paths JSON                            the files that are named, and not deleted, exist
check.py counts JSON STRACE                        calls are as many as "strace -c" counted
check.py text FILE                                 valid UTF-8 without control characters

Prints what is wrong, and nothing if nothing is.
"""
import argparse
import errno
import json
import os
import re
import sys


def fail(*lines):
    print(*lines, sep="\n")
    sys.exit(1)


def name_norm(name, deleted=False):
    """One spelling of a name that maps has so: "(deleted)" is left out, a run of bad bytes is one."""
    if deleted:
        name += " (deleted)"
    if name.endswith(" (deleted)"):
        name = name[: -len(" (deleted)")]
    return re.sub("\N{REPLACEMENT CHARACTER}+", "?", name) or "[anon]"


def join(changes):
    """Adjacent ranges to which the same happened, as one."""
    out = []
    for start, end, before, after, name in sorted(changes):
        if out and out[-1][1] == start and out[-1][2:] == (before, after, name):
            start = out.pop()[0]
        out.append((start, end, before, after, name))
    return out


class Call:
    def __init__(self, pid, name, result):
        self.pid, self.name, self.result = pid, name, result
        self.changes = []

    def key(self):
        return self.pid, self.name, self.result, tuple(join(self.changes))

    def __str__(self):
        lines = [f"{self.name} of {self.pid} = {self.result:#x}"]
        for start, end, before, after, name in join(self.changes):
            lines.append(f"    {start:x}-{end:x} {before} -> {after} {name[:80]}")
        return "\n".join(lines)


def read_expected(path):
    calls = []
    with open(path, "rb") as f:
        for raw in f.read().split(b"\n"):
            line = raw.decode(errors="replace")
            if line.startswith("CALL "):
                _, pid, name, result = line.split()
                calls.append(Call(int(pid), name, int(result, 0)))
            elif line.startswith("CHANGE "):
                _, start, end, before, after, name = line.split(" ", 5)
                name = name_norm(name.replace("\\012", "\n"))
                calls[-1].changes.append((int(start, 0), int(end, 0), before, after, name))
    return calls


def seen_name(mapping):
    return name_norm(mapping["name"], mapping.get("deleted")) if mapping else "?"


def state(attr):
    if attr["state"] != "mapped":
        return "-" if attr["state"] == "unmapped" else "?"
    return attr["prot"] + ("s" if attr["shared"] else "p")


def is_unseen(before, after):
    """A change that /proc/self/maps does not show: of a key, a seal, what a fork inherits."""
    return before != after and state(before) == state(after) != "-"


def read_seen(path):
    """The calls in a run's JSON; what belongs to one has the same time and thread."""
    calls, last = [], None
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if row["type"] not in ("call", "change") or "call" not in row:
                continue
            call, at = row["call"], (row["tid"], row["ts_ns"])
            if at != last:
                result = int(call["ret"], 0) if "ret" in call else -getattr(errno, call["errno"])
                calls.append(Call(row["pid"], call["name"], result))
                last = at
            if row["type"] == "change" and not is_unseen(row["before"], row["after"]):
                calls[-1].changes.append((int(row["start"], 0), int(row["end"], 0), state(row["before"]),
                                          state(row["after"]), seen_name(row["mapping"])))
    return calls


def overlap(some, others):
    return any(a[0] < b[1] and b[0] < a[1] for a in some for b in others)


def agrees(told, seen):
    """Is what was seen of a call not wrong, though some of it may be unknown?"""
    whole = join([(start, end, "", "", "") for start, end, *_ in told.changes])
    for start, end, before, after, _ in seen.changes:
        for t_start, t_end, t_before, t_after, _ in told.changes:
            if start < t_end and t_start < end and (before not in ("?", t_before) or after not in ("?", t_after)):
                return False
        if "?" not in (before, after) and not any(w[0] <= start and end <= w[1] for w in whole):
            return False
    return True


def check_honest(expected, seen):
    # What the loader did before, at an address that was used again, is not meant.
    told = {c.key() for c in expected}
    at, wrong = next((i for i, c in enumerate(seen) if c.key() in told), len(seen)), []
    for call in expected:
        like = [i for i in range(at, len(seen))
                if seen[i].key()[:3] == call.key()[:3] and overlap(call.changes, seen[i].changes)]
        right = [i for i in like if agrees(call, seen[i])]
        if right:
            at = right[0] + 1
            continue
        # One that itself was not told in time may be like a later one, which is right.
        for i in like:
            if not any(agrees(e, seen[i]) for e in expected if e.key()[:3] == call.key()[:3]):
                wrong.append(f"wrong: {call}\n  instead: {seen[i]}")
                break
    if wrong:
        fail(f"{len(wrong)} of {len(expected)} calls", *wrong[:8])


def check_calls(args):
    # A call that did and changed nothing is not shown.
    expected = [c for c in read_expected(args.expect) if c.changes or c.result < 0]
    if args.failed:
        expected = [c for c in expected if c.result < 0]
    if args.honest:
        return check_honest(expected, read_seen(args.json))
    if args.last:
        expected = expected[-args.last:]
    if not expected:
        fail("the workload told nothing")
    seen = read_seen(args.json)
    keys = [c.key() for c in seen]
    at, wrong = 0, []
    for call in expected:
        try:
            at = keys.index(call.key(), at) + 1
        except ValueError:
            like = [c for c in seen[at:] if (c.pid, c.name, c.result) == (call.pid, call.name, call.result)]
            wrong.append(f"not seen: {call}\n  instead: {like[0] if like else 'nothing like it'}")
    if wrong:
        fail(f"{len(wrong)} of {len(expected)} calls", *wrong[:8])


def check_schema(args):
    import jsonschema

    with open(args.schema, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    if not args.json:
        return
    with open(args.json, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f]
    for row in rows:
        error = next(validator.iter_errors(row), None)
        if error:
            fail(f"{error.message[:200]}", json.dumps(row)[:400])
    if not rows or rows[0]["type"] != "run" or rows[-1]["type"] != "totals":
        fail("it does not go from run to totals")


def print_values(args):
    with open(args.json, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if row["type"] in ("run", "totals"):
                continue
            call = row.get("call", {})
            row["event"] = call.get("name", row["type"])
            row["errno"] = call.get("errno", "none")
            keys = args.keys.split(",")
            if all(k in row for k in keys):
                print(*(row[k] for k in keys), sep=",")


def check_sum(args):
    with open(args.expect, encoding="utf-8") as f:
        made = sum(int(line.split()[1]) for line in f if line.startswith("STORM "))
    with open(args.json, encoding="utf-8") as f:
        rows = f.readlines()
    totals = json.loads(rows[-1])
    # A loss is an event itself, and may ask for a snapshot, which is one more.
    losses = sum(1 for row in rows if '"type":"loss"' in row)
    known = totals["events"] - losses + totals["lost"]
    if not totals["lost"] or not made <= known < made + 2000 + losses:
        fail(f"{made} calls were made, {totals['events']} events seen, {totals['lost']} lost")


def check_verified(args):
    with open(args.json, encoding="utf-8") as f:
        rows = f.readlines()
    run, totals = json.loads(rows[0]), json.loads(rows[-1])
    # A mirror that is not whole when its process leaves can't be compared: that is so with inference.
    if totals["differences"] or (run["tier"] == "truth" and not totals["compared"]):
        wrong = [r for r in map(json.loads, rows) if r.get("cause") == "verify"]
        whose = [(w["comm"], w["pid"]) for w in wrong]
        fail(f"{totals['compared']} compared, {totals['differences']} ranges differ",
             *(f"{whose.count(w)} of {w[0]} {w[1]}" for w in sorted(set(whose))[:10]),
             *map(json.dumps, wrong[:3]))


def check_paths(args):
    """Temporary files may be gone since; all others must be there."""
    gone = set()
    with open(args.json, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            name = (row.get("mapping") or row.get("exe") or {})
            path = name.get("name", "")
            if name.get("kind") == "file" and not name.get("deleted") and not path.startswith("/tmp/"):
                if not os.path.exists(path):
                    gone.add(path)
    if gone:
        fail("not there: " + ", ".join(sorted(gone)))


def check_counts(args):
    with open(args.json, encoding="utf-8") as f:
        calls = json.loads(f.readlines()[-1])["calls"]
    with open(args.strace, encoding="utf-8") as f:
        table = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$", f.read(), re.M)
    counts = {name: int(count) for count, name in table}
    if "mmap" not in counts:
        fail("strace counted nothing")
    for name in ("mmap", "munmap", "mprotect", "brk", "mremap"):
        if calls.get(name, 0) != counts.get(name, 0):
            fail(f"{name}: {calls.get(name, 0)} seen, {counts.get(name, 0)} by strace")


def check_text(args):
    with open(args.file, "rb") as f:
        raw = f.read()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as e:
        fail(f"no UTF-8: {e}")
    bad = re.search("[^\n]*[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069][^\n]*", text)
    if bad:
        fail("a control character: " + repr(bad.group())[:300])


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(required=True)
    for name, run, operands in (
        ("calls", check_calls, ("expect", "json")),
        ("schema", check_schema, ("schema", "json?")),
        ("values", print_values, ("keys", "json")),
        ("sum", check_sum, ("expect", "json")),
        ("text", check_text, ("file",)),
        ("verified", check_verified, ("json",)),
        ("paths", check_paths, ("json",)),
        ("counts", check_counts, ("json", "strace")),
    ):
        verb = verbs.add_parser(name)
        verb.set_defaults(run=run)
        for operand in operands:
            verb.add_argument(operand.rstrip("?"), nargs="?" if operand.endswith("?") else None)
        if name == "calls":
            verb.add_argument("--honest", action="store_true", help="things may be unknown, not wrong")
            verb.add_argument("--failed", action="store_true", help="only calls that failed")
            verb.add_argument("--last", type=int, help="only the last so many")
    args = parser.parse_args()
    args.run(args)


main()

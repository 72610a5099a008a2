#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What was found in a trace (NDJSON).

findings.py list FILE    "COMM: SEVERITY RULE, ..." for each name of processes with findings
findings.py sums FILE    the counts of findings about making code, against the changes
                         themselves; prints what differs (the trace shows all of both)
"""
import collections
import json
import sys

# Rules that share out what makes code: each such change is counted in exactly one of them.
CODE_RULES = {"wx", "w-to-x", "x-to-w", "jit-like", "stack-exec", "heap-exec"}


def makes_code(change):
    """One mapping goes from W to X, from X to W, or gets both; or a new one has both."""
    before, after = change["before"], change["after"]
    if before["state"] == "unknown" or after["state"] != "mapped":
        return False
    new = change["call"]["name"] in ("mmap", "shmat") or before["state"] != "mapped"
    b, a = "---" if new else before["prot"], after["prot"]
    if "w" in a and "x" in a:
        return not ("w" in b and "x" in b)
    return ("w" in b and "x" in a and "x" not in b) or ("x" in b and "w" in a and "w" not in b)


def sums(lines, found):
    """By process, but for those where text was mapped over, which counts what became of it, and
    those that move memory or write files: what was writable before is not looked up here."""
    others = {f["pid"] for f in found if f["rule"] == "stomp"}
    others |= {x["pid"] for x in lines if x.get("call", {}).get("name") == "mremap"}
    others |= {f["pid"] for f in found if "through a shared mapping" in f["why"]}
    changes, counted = collections.Counter(), collections.Counter()
    for x in lines:
        if x["type"] == "change" and "call" in x and makes_code(x):
            changes[x["pid"], x["comm"]] += 1
    for f in found:
        if f["rule"] in CODE_RULES:
            counted[f["pid"], f["comm"]] += f["changes"]
    for who in sorted(set(changes) | set(counted)):
        if changes[who] != counted[who] and who[0] not in others:
            print(f"{who}: {changes[who]} changes make code, findings count {counted[who]}")
    if not sum(counted.values()):
        print("nothing was counted")


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        lines = list(map(json.loads, f))
    found = [x for x in lines if x["type"] == "finding" and x["state"] == "over"]
    if sys.argv[1] == "sums":
        sums(lines, found)
        return
    words = collections.defaultdict(set)
    for f in found:
        words[f["comm"]].add(f"{f['severity']} {f['rule']}")
    for comm in sorted(words):
        print(f"{comm}: {', '.join(sorted(words[comm]))}")


main()

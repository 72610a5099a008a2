#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What was found in paxtest's programs (NDJSON of a trace), and where that is by their ELF headers.

paxtest.py FILE    "COMM: SEVERITY RULE, REGION, BEFORE -> AFTER" for each finding, by its first change;
                   that some of them crash in the end is left out

A region is [stack] or [heap], text, data or bss of a module (as its program headers
and the address of its first mapping have it), or [anon] outside of all modules.
"""
import json
import os
import struct
import sys

PAGE = os.sysconf("SC_PAGESIZE")
LIBRARIES = "/usr/lib/paxtest/shlib"  # the loader maps a library's begin first; who calls is the program


def segments(path):
    """(start, end of what is in the file, end, is code) of each PT_LOAD, from the module's base."""
    with open(path, "rb") as f:
        elf = f.read()
    phoff, = struct.unpack_from("<Q", elf, 32)
    size, number = struct.unpack_from("<HH", elf, 54)
    for i in range(number):
        kind, flags, _, vaddr, _, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", elf, phoff + i * size)
        if kind == 1:
            yield vaddr, vaddr + filesz, vaddr + memsz, bool(flags & 1)


def round_up(addr):
    return -(-addr // PAGE) * PAGE


def region(finding, bases):
    name = (finding.get("mapping") or {}).get("name", "?")
    start, end = (int(finding["first_changes"][0][k], 16) for k in ("start", "end"))
    if name in ("[stack]", "[heap]"):
        return name
    for path, base in bases.items():
        for first, in_file, last, is_code in segments(path):
            file_end = round_up(base + in_file)
            if name == path and (base + first) // PAGE * PAGE <= start and end <= file_end:
                return f"{'text' if is_code else 'data'} of {os.path.basename(path)}"
            if name == "[anon]" and file_end <= start and end <= round_up(base + last):
                return f"bss of {os.path.basename(path)}"
    return name


def main():
    bases = {}  # of each process: where its modules begin, by path
    with open(sys.argv[1], encoding="utf-8") as f:
        lines = list(map(json.loads, f))
    for x in lines:
        if x["type"] == "fork":
            bases[x["child"]["pid"]] = dict(bases.get(x["pid"], {}))
        elif x["type"] == "change" and x["after"]["state"] == "mapped":
            name = (x["mapping"] or {}).get("name", "")
            if name.startswith(LIBRARIES):
                bases.setdefault(x["pid"], {}).setdefault(name, int(x["start"], 16))
        elif x["type"] == "finding" and x["state"] == "new" and x["rule"] != "fault":
            first, caller = x["first_changes"][0], x["caller"]
            modules = bases.setdefault(x["pid"], {})
            modules.setdefault(caller["module"], int(caller["addr"], 16) - int(caller["offset"], 16))
            print(f"{x['comm']}: {x['severity']} {x['rule']}, {region(x, modules)}, "
                  f"{first['before']} -> {first['after']}")


main()

# SPDX-License-Identifier: BSD-2-Clause
#
# chosen.py READER FILE: reads FILE as text, json, csv, xml, page, protoc (what protoc --decode
# wrote), or empty; prints what of it is invalid, or does something else than show characters.

import ast, base64, csv, json, re, sys, unicodedata, zlib
import xml.etree.ElementTree

wrong = []


def check(text, where, but=""):
    """Each character is one to be shown; a blank is the only one that is not seen."""
    for c in text:
        if c not in but and (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")):
            wrong.append(f"{where}: {c!r} in {text[:200]!r}")
            return


def strings(value):
    """All strings of a JSON value, and of strings that are JSON again."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from strings(k)
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def read_text(data):
    check(data.decode(), "text", "\n")


def read_empty(data):
    if data:
        wrong.append(f"it says {data[:200]!r}")


def read_json(data):
    """Names are as they were, so what they hold is in escapes of JSON: bytes are checked, not values."""
    check(data.decode(), "json", "\n")
    nr = 0
    try:
        nr = len(list(strings(json.loads(data))))
    except json.JSONDecodeError:
        for line in data.splitlines():
            nr += len(list(strings(json.loads(line))))
    if nr < 50:
        wrong.append(f"only {nr} strings")


def read_csv(data):
    check(data.decode(), "csv", "\r\n")
    rows = list(csv.reader(data.decode().splitlines(True), strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            wrong.append(f"{len(row)} cells in {row}")
        for cell in row:
            if re.match(r"[=+@＝＋－＠\t\r]|-(?![0-9]+$)", cell):
                wrong.append(f"a formula: {cell!r}")
    if len(rows) < 20:
        wrong.append(f"only {len(rows)} rows")


def read_xml(data):
    for element in xml.etree.ElementTree.fromstring(data).iter():
        check("".join([element.text or "", element.tail or "", *element.attrib.values()]), "xml", "\n\t")
        if re.search("script|image|foreignObject", element.tag):
            wrong.append(f"an element {element.tag}")


def read_page(data):
    html = data.decode()
    check(html, "page", "\n\t")
    packed = re.search(r'<script type="application/octet-stream" id="data">([^<]*)</script>', html).group(1)
    if html.count("<script") != 2 or "onerror" in html:
        wrong.append("markup comes of a name")
    raw = zlib.decompress(base64.b64decode(packed, validate=True))
    length = int.from_bytes(raw[:4], "little")
    names = list(strings(json.loads(raw[4:4 + length])))
    for name in names:
        check(name, "page")
    if not any("<img src=x" in name for name in names):
        wrong.append("names are not in it")


def read_protoc(data):
    names = 0
    for line in data.decode().splitlines():
        if re.match(r" *[0-9]+[:{ ]", line):
            wrong.append(f"a field without a name: {line}")
        if '"' in line:
            literal = line[line.index('"'):]
            check(ast.literal_eval("b" + literal).decode(), "protoc")
            names += 1
    if names < 50:
        wrong.append(f"only {names} strings")


def main():
    data = open(sys.argv[2], "rb").read()
    try:
        globals()["read_" + sys.argv[1]](data)
    except Exception as err:
        wrong.append(f"it is invalid: {err!r}")
    print("\n".join(wrong[:5]), end="")


main()

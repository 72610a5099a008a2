/* SPDX-License-Identifier: BSD-2-Clause */
/* Queries of the model: states of lanes, mappings of a moment, bytes over time, search; and words. */
"use strict";

/* ---- lanes ---- */

/* The entry of a lane that holds at time t; the first if t is before all. */
function entryAt(lane, t) {
	const e = above(model.time, model.first[lane], model.first[lane + 1], t) - 1;
	return Math.max(e, model.first[lane]);
}

/* The time at which the entry's state ended. */
function entryEnd(lane, e) {
	return e + 1 < model.first[lane + 1] ? model.time[e + 1] :
		model.spaces[model.laneSpace[lane]].to;
}

const NO_OBJECT = { name: "?", kind: "anon", dev: "00:00", ino: "0", deleted: false, file: false };

/* Of several states it is not known which one holds. */
function attrOfEntry(e) {
	const row = model.row[e], a = row !== NO_ROW && model.rowAttr[row] >= 0 ? model.attrs[model.rowAttr[row]] : null;
	if (model.state[e] === SEVERAL)
		return { flags: UNKNOWN_FLAG, pkey: 0, off: 0, object: (a && a.object) || NO_OBJECT };
	return a;
}

function statesText(states) {
	return STATE_NAMES.filter((_, s) => states >> s & 1).join(", ");
}

/* The offset of the lane's start in the object that the entry maps. */
function offsetOf(lane, e) {
	const a = attrOfEntry(e);
	return a.object.file ? a.off + model.laneLo[lane] - model.rangeLo[model.rowRange[model.row[e]]] : a.off;
}

/* The object that gives a lane its name: the one that was mapped there last. */
function laneObject(lane) {
	for (let e = model.first[lane + 1] - 1; e >= model.first[lane]; e--) {
		const a = attrOfEntry(e);
		if (a)
			return a.object;
	}
	return null;
}

function laneAt(space, addr) {
	const sp = model.spaces[space], l = above(model.laneHi, sp.lane0, sp.lane1, addr);
	return l < sp.lane1 && model.laneLo[l] <= addr ? l : -1;
}

/* Writes by a process's number into a lane. */
function writesInto(lane) {
	return model.writes.filter((w) => w.lane0 <= lane && lane < w.lane1);
}

function isIntoHeap(w) {
	return w.lane0 < w.lane1 && laneObject(w.lane0)?.kind === "heap";
}

/* The entry of a lane that a row made; -1 if it made none. */
function entryOfRow(lane, row) {
	for (let e = entryAt(lane, model.rowTime[row]); e >= model.first[lane]; e--) {
		if (model.row[e] === row)
			return e;
		if (model.time[e] < model.rowTime[row])
			break;
	}
	return -1;
}

/* ---- /proc/<pid>/maps ---- */

/* Mappings of a space at time t; neighbours that are alike are merged, as in the kernel. */
function mappingsAt(space, t) {
	const sp = model.spaces[space], out = [];
	let last = null;
	for (let l = sp.lane0; l < sp.lane1; l++) {
		const e = entryAt(l, t), a = model.time[e] <= t ? attrOfEntry(e) : null;
		if (!a)
			continue;
		const off = offsetOf(l, e), lo = model.laneLo[l];
		if (last && last.end === lo && last.flags === a.flags && last.pkey === a.pkey &&
		    last.object === a.object &&
		    last.off + (a.object.file ? lo - last.start : 0) === off) {
			last.end = model.laneHi[l];
		} else {
			last = { start: lo, end: model.laneHi[l], flags: a.flags, pkey: a.pkey,
				 object: a.object, off };
			out.push(last);
		}
	}
	return out;
}

function protText(flags) {
	if (flags & UNKNOWN_FLAG)
		return "???";
	return (flags & VMA_R ? "r" : "-") + (flags & VMA_W ? "w" : "-") + (flags & VMA_X ? "x" : "-");
}

function hex(n) {
	return n.toString(16).padStart(8, "0");
}

function mapsLine(m) {
	const o = m.object;
	let line = `${hex(m.start)}-${hex(m.end)} ${protText(m.flags)}${m.flags & SHARED_FLAG ? "s" : "p"} ` +
		`${hex(m.off)} ${o.dev} ${o.ino} `;
	if (o.file || o.name !== "[anon]")
		line = line.padEnd(73) + o.name + (o.deleted ? " (deleted)" : "");
	if (m.flags & VMA_GUARD)
		line = `${line.padEnd(72)} [guard]`;
	return line;
}

/* The address space that a process had at time t; -1: before the process was seen. */
function spaceOfProc(p, t) {
	let space = -1;
	for (const [nr, from] of p.periods)
		if (from <= t)
			space = nr;
	return space;
}

/* ---- bytes over time ---- */

/* Bytes of the heap, and bytes that are mapped with any right, at each time at which they change. */
function seriesOf(space) {
	const sp = model.spaces[space];
	if (sp.series)
		return sp.series;
	const now = new Int8Array(sp.lane1 - sp.lane0), times = [sp.from], mapped = [0], heap = [0];
	const { first, order } = model.bySpace;
	let sum = 0, heapSum = 0;
	for (let k = first[space]; k < first[space + 1]; k++) {
		const row = order[k], r = model.rowRange[row], attr = model.rowAttr[row];
		const a = attr >= 0 ? model.attrs[attr] : null;
		if (a && a.state === SEVERAL) /* until the last of these changes it stays as it was */
			continue;
		/* bit 0: mapped with a right, bit 1: heap */
		const what = a ? (a.state > NONE ? 1 : 0) | (a.object.kind === "heap" ? 2 : 0) : 0;
		for (let l = model.rangeLane0[r]; l < model.rangeLane1[r]; l++) {
			const was = now[l - sp.lane0], size = model.laneHi[l] - model.laneLo[l];
			sum += ((what & 1) - (was & 1)) * size;
			heapSum += ((what >> 1) - (was >> 1)) * size;
			now[l - sp.lane0] = what;
		}
		const n = times.length - 1;
		if (mapped[n] === sum && heap[n] === heapSum)
			continue;
		if (times[n] === model.rowTime[row]) {
			mapped[n] = sum;
			heap[n] = heapSum;
		} else {
			times.push(model.rowTime[row]);
			mapped.push(sum);
			heap.push(heapSum);
		}
	}
	sp.series = { times: Float64Array.from(times), mapped: Float64Array.from(mapped),
		      heap: Float64Array.from(heap) };
	return sp.series;
}

/* ---- search ---- */

/* The meaning of a search: tests of attributes and causes, and an address or a text. */
function searchTests(text) {
	const none = () => false, t = text.toLowerCase();
	if (/^[r?-][w?-][x?-]$/.test(t))
		return { attr: (a) => a.state === SEVERAL ? (a.states >> STATE_NAMES.indexOf(t) & 1) === 1 : protText(a.flags) === t,
			 cause: none, unknown: t === "???" };
	if (t === "unknown")
		return { attr: none, cause: none, unknown: true };
	if (t === "w+x" || t === "wx")
		return { attr: (a) => (a.states >> WX & 1) === 1, cause: none };
	if (/^(0x[0-9a-f]+|[0-9a-f]{8,16})$/.test(t))
		return { attr: none, cause: none, addr: parseInt(t, 16) };
	return { attr: (a) => a.object && (a.object.name + (a.object.deleted ? " (deleted)" : "")).toLowerCase().includes(t),
		 cause: (c) => c.event === t || c.caller.toLowerCase().includes(t), text: t };
}

/* Rows (numbers from 0) and findings (-1 - number) that the search finds, in the order of time. */
function searchAll(text) {
	const tests = searchTests(text), hits = [];
	const attrs = model.attrs.map((a) => !!tests.attr(a)), causes = model.causes.map((c) => !!tests.cause(c));
	const found = model.findings.filter((f) => tests.text ?
		`${f.rule} ${f.why}`.toLowerCase().includes(tests.text) :
		tests.addr >= f.start && tests.addr < f.end).sort((a, b) => a.first - b.first);
	let next = 0;
	for (let i = 0; i < model.nrRows; i++) {
		const attr = model.rowAttr[i], r = model.rowRange[i];
		while (next < found.length && found[next].first <= model.rowTime[i])
			hits.push(-1 - found[next++].nr);
		/* a range from 0 on is a whole space that became unknown: no hit for an address */
		if (attr >= 0 ? attrs[attr] : tests.unknown && attr === ATTR_UNKNOWN)
			hits.push(i);
		else if (causes[model.rowCause[i]])
			hits.push(i);
		else if (tests.addr >= model.rangeLo[r] && tests.addr < model.rangeHi[r] && model.rangeLo[r])
			hits.push(i);
	}
	while (next < found.length)
		hits.push(-1 - found[next++].nr);
	return hits;
}

/* ---- words ---- */

function sizeText(n) {
	const units = ["", "K", "M", "G", "T", "P"];
	let u = 0;
	while (n >= 1024 && u < units.length - 1) {
		n /= 1024;
		u++;
	}
	return (n < 10 && n % 1 ? n.toFixed(1) : Math.round(n)) + units[u];
}

function durationText(ns) {
	const units = [["ns", 1], ["µs", 1e3], ["ms", 1e6], ["s", 1e9], ["min", 60e9], ["h", 3600e9]];
	let u = 0;
	while (u + 1 < units.length && ns >= units[u + 1][1])
		u++;
	return `${+(ns / units[u][1]).toPrecision(4)} ${units[u][0]}`;
}

/* Time since the start, to the nanosecond, as "maps --at" takes it. */
function sinceText(ns) {
	ns = Math.max(0, Math.floor(ns));
	return `+${Math.floor(ns / 1e9)}.${String(ns % 1e9).padStart(9, "0")}s`;
}

function wallText(ns) {
	const wall = model.wall + BigInt(Math.max(0, Math.floor(ns)));
	const date = new Date(Number(wall / 1000000n)), two = (n) => String(n).padStart(2, "0");
	const fraction = String(wall % 1000000000n).padStart(9, "0").slice(0, 6);
	const [y, mo, d, h, mi, s] = model.utc ?
		[date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(),
		 date.getUTCMinutes(), date.getUTCSeconds()] :
		[date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(),
		 date.getMinutes(), date.getSeconds()];
	return `${y}-${two(mo + 1)}-${two(d)} ${two(h)}:${two(mi)}:${two(s)}.${fraction}${model.utc ? " UTC" : ""}`;
}

function countText(n, noun) {
	const many = noun.endsWith("s") ? `${noun}es` : `${noun}s`;
	return `${n.toLocaleString("en")} ${n === 1 ? noun : many}`;
}

function fateText(p) {
	if (p.exit === HTML_EXIT_NONE)
		return "still running";
	if (p.exit === HTML_EXIT_UNSEEN)
		return "ended unseen";
	return p.exit & 127 ? `killed by signal ${p.exit & 127}` : `exit status ${p.exit >> 8}`;
}

function shortName(o) {
	if (!o)
		return "?";
	const base = o.kind === "file" ? o.name.slice(o.name.lastIndexOf("/") + 1) : o.name;
	return base + (o.deleted && o.kind === "file" ? " (deleted)" : "");
}

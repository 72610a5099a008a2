/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data: read from the page, then cut into lanes. A lane is a range of addresses of one address
 * space whose parts always changed together; each of its entries is a state and the time at which
 * it began. All that is drawn, found or listed comes from lanes.
 */
"use strict";

const UNMAPPED = SPAN_UNMAPPED, UNKNOWN = SPAN_UNKNOWN, NONE = SPAN_NONE, WX = SPAN_WX, NR_STATES = NR_SPAN_STATES;
/* Several states, one after the other, of which there are no more details: model.states has the set. */
const SEVERAL = NR_STATES;
const STATE_NAMES = ["unmapped", "unknown", "---", "r--", "-w-", "rw-", "--x", "r-x", "w+x", "several"];
const MAPPED_FLAG = VMA_MAPPED, UNKNOWN_FLAG = VMA_UNKNOWN, SHARED_FLAG = VMA_SHARED;
const limits = { entries: 16e6 }; /* of all lanes: some 250 MB */
const BLOCK = 64; /* entries of a block, see sumBlocks() */

/* Numbers of attributes that are not in the table; a row that is none. */
const ATTR_UNMAPPED = -1, ATTR_UNKNOWN = -2, NO_ROW = 0xffffffff;

const model = {};

function fromBase64(text) {
	if (Uint8Array.fromBase64)
		return Uint8Array.fromBase64(text);
	const binary = atob(text), bytes = new Uint8Array(binary.length);
	for (let i = 0; i < bytes.length; i++)
		bytes[i] = binary.charCodeAt(i);
	return bytes;
}

async function inflate(bytes) {
	const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

/* Seven bits a byte, the lowest first. Numbers may have more than 32 bits. */
function readNumbers(bytes, out) {
	let at = 0;
	for (let i = 0; i < out.length; i++) {
		let b = bytes[at++], v = b & 127, unit = 128;
		while (b > 127) {
			b = bytes[at++];
			v += (b & 127) * unit;
			unit *= 128;
		}
		out[i] = v;
	}
	return out;
}

function readColumns(bytes) {
	const length = new DataView(bytes.buffer).getUint32(0, true);
	const json = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	const columns = [];
	let at = 4 + length;
	for (const n of json.columns) {
		columns.push(bytes.subarray(at, at + n));
		at += n;
	}
	return [json, columns];
}

function stateOf(flags) {
	if (flags & HTML_SEVERAL)
		return SEVERAL;
	if (flags & UNKNOWN_FLAG)
		return UNKNOWN;
	if (!(flags & MAPPED_FLAG))
		return UNMAPPED;
	if (flags & VMA_GUARD)
		return NONE;
	return (flags & VMA_WX) === VMA_WX ? WX : NONE + (flags & VMA_PROT);
}

function readRows(json, columns) {
	const n = json.rows;
	model.rowTime = readNumbers(columns[HTML_TIME], new Float64Array(n));
	for (let i = 1; i < n; i++)
		model.rowTime[i] += model.rowTime[i - 1];
	model.rowRange = readNumbers(columns[HTML_RANGE], new Uint32Array(n));
	model.rowAttr = readNumbers(columns[HTML_ATTR], new Int32Array(n));
	model.rowCause = readNumbers(columns[HTML_CAUSE], new Uint32Array(n));
	model.rangeSpace = readNumbers(columns[HTML_RANGE_SPACE], new Uint32Array(json.ranges));
	model.rangeLo = readNumbers(columns[HTML_RANGE_START], new Float64Array(json.ranges));
	model.rangeHi = readNumbers(columns[HTML_RANGE_LENGTH], new Float64Array(json.ranges));
	/* cells are 0, or one more than the fact's value or the number of its word */
	model.facts = (json.facts || []).map(([name, isWord], i) =>
		({ name, words: isWord ? json.words || [] : null, cell: readNumbers(columns[NR_HTML_COLUMNS + i], new Float64Array(n)) }));
	let page = 0;
	for (let i = 0; i < json.ranges; i++) {
		const v = model.rangeLo[i];
		page += v % 2 ? -(v + 1) / 2 : v / 2;
		model.rangeLo[i] = page * PAGE_BYTES_MIN;
		model.rangeHi[i] = (page + model.rangeHi[i]) * PAGE_BYTES_MIN;
	}
}

function readTables(json) {
	model.objects = json.objects.map(([name, kind, dev, ino, deleted, file]) =>
		({ name, kind, dev, ino, deleted: !!deleted, file: !!file }));
	model.attrs = json.attrs.map(([flags, pkey, off, object]) =>
		({ flags, pkey, off: parseInt(off, 16), object: model.objects[object] || null,
		   state: stateOf(flags) }));
	/* off has the set of several states */
	for (const a of model.attrs)
		a.states = a.state === SEVERAL ? a.off : 1 << a.state;
	model.causes = json.causes.map(([event, tid, caller]) => ({ event, tid, caller }));
	model.attrState = Uint8Array.from(model.attrs, (a) => a.state);
	for (let i = 0; i < model.rowAttr.length; i++) {
		const state = model.attrState[model.rowAttr[i]];
		if (state <= UNKNOWN)
			model.rowAttr[i] = state === UNKNOWN ? ATTR_UNKNOWN : ATTR_UNMAPPED;
	}
	model.spaces = json.spaces.map(([owner, from, to, known, changes], nr) =>
		({ nr, owner, from, to: Math.max(from, to), known: !!known, changes }));
	model.procs = json.procs;
	model.procs.forEach((p, nr) => {
		p.nr = nr;
		p.findings = 0;
		p.worst = -1;
	});
	model.findings = json.findings;
	model.findings.forEach((f, nr) => {
		const p = model.procs[f.proc];
		f.nr = nr;
		f.start = parseInt(f.start, 16);
		f.end = parseInt(f.end, 16);
		p.findings++;
		p.worst = Math.max(p.worst, f.severity);
	});
	model.losses = json.losses;
	/* in the order of time; where neither lo nor hi is known, both are 0 */
	model.writes = json.writes.map(([space, first, last, lo, hi, times, by], nr) =>
		({ nr, space, first, last, lo: parseInt(lo, 16), hi: parseInt(hi, 16), times, by }));
}

/* Indices of keys, sorted by key: those of key k are order[first[k]] to order[first[k + 1] - 1]. */
function groupBy(keys, nrKeys) {
	const first = new Uint32Array(nrKeys + 1), order = new Uint32Array(keys.length);
	for (let i = 0; i < keys.length; i++)
		first[keys[i] + 1]++;
	for (let k = 0; k < nrKeys; k++)
		first[k + 1] += first[k];
	const at = first.slice();
	for (let i = 0; i < keys.length; i++)
		order[at[keys[i]]++] = i;
	return { first, order };
}

/* The first index in [from, to) of the sorted v whose value is above x; to if none is. */
function above(v, from, to, x) {
	while (from < to) {
		const mid = (from + to) >>> 1;
		if (v[mid] > x)
			to = mid;
		else
			from = mid + 1;
	}
	return from;
}

function uniqueSorted(values) {
	values.sort();
	let n = 0;
	for (let i = 0; i < values.length; i++)
		if (!n || values[i] !== values[n - 1])
			values[n++] = values[i];
	return values.subarray(0, n);
}

/* Lanes of one space, [lo, hi, lo, hi, …], cut at all ends of ranges: where anything was ever mapped. */
function cutSpace(ranges, wasMapped) {
	const ends = new Float64Array(2 * ranges.length);
	let n = 0;
	for (const r of ranges) {
		ends[n++] = model.rangeLo[r];
		ends[n++] = model.rangeHi[r];
	}
	const points = uniqueSorted(ends), depth = new Int32Array(points.length + 1);
	for (const r of ranges)
		if (wasMapped[r]) {
			depth[above(points, 0, points.length, model.rangeLo[r]) - 1]++;
			depth[above(points, 0, points.length, model.rangeHi[r]) - 1]--;
		}
	const lanes = [];
	for (let i = 0, d = 0; i + 1 < points.length; i++) {
		d += depth[i];
		if (d)
			lanes.push(points[i], points[i + 1]);
	}
	return lanes;
}

function cutLanes() {
	const nrRanges = model.rangeSpace.length, wasMapped = new Uint8Array(nrRanges);
	const bySpace = groupBy(model.rangeSpace, model.spaces.length), pieces = [];
	for (let i = 0; i < model.rowRange.length; i++)
		if (model.rowAttr[i] >= 0)
			wasMapped[model.rowRange[i]] = 1;
	let n = 0;
	for (const sp of model.spaces) {
		const own = bySpace.order.subarray(bySpace.first[sp.nr], bySpace.first[sp.nr + 1]);
		const lanes = cutSpace(own, wasMapped);
		pieces.push(lanes);
		sp.lane0 = n;
		n += lanes.length / 2;
		sp.lane1 = n;
	}
	model.laneLo = new Float64Array(n);
	model.laneHi = new Float64Array(n);
	model.laneSpace = new Uint32Array(n);
	n = 0;
	pieces.forEach((lanes, space) => {
		for (let i = 0; i < lanes.length; i += 2, n++) {
			model.laneLo[n] = lanes[i];
			model.laneHi[n] = lanes[i + 1];
			model.laneSpace[n] = space;
		}
	});
	model.rangeLane0 = new Uint32Array(nrRanges);
	model.rangeLane1 = new Uint32Array(nrRanges);
	for (let r = 0; r < nrRanges; r++) {
		const sp = model.spaces[model.rangeSpace[r]];
		/* lanes are cut at every range's ends */
		model.rangeLane0[r] = above(model.laneHi, sp.lane0, sp.lane1, model.rangeLo[r]);
		model.rangeLane1[r] = above(model.laneLo, sp.lane0, sp.lane1, model.rangeHi[r] - 1);
	}
}

/* Lanes that a write has a part of, from lane0 up to lane1; none if it is not known where it was. */
function placeWrites() {
	for (const w of model.writes) {
		const sp = model.spaces[w.space];
		w.lane0 = w.lane1 = above(model.laneHi, sp.lane0, sp.lane1, w.lo);
		if (w.lo < w.hi)
			w.lane1 = Math.max(w.lane0, above(model.laneLo, sp.lane0, sp.lane1, w.hi - 1));
	}
}

/*
 * Calls fn(row, lane, merges) for each lane that a row changes, in the order of time; merges if the lane
 * changed twice in that slice of time (0: none has a length): what it was in between is to be one of several.
 */
function walkRows(slice, fn) {
	const nr = model.laneLo.length, now = new Int32Array(nr), when = new Float64Array(nr).fill(-1), times = new Uint8Array(nr);
	for (let l = 0; l < nr; l++)
		now[l] = model.spaces[model.laneSpace[l]].known ? ATTR_UNMAPPED : ATTR_UNKNOWN;
	for (let i = 0; i < model.nrRows; i++) {
		const attr = model.rowAttr[i], r = model.rowRange[i], end = model.rangeLane1[r];
		const place = slice ? Math.floor(model.rowTime[i] / slice) : i;
		for (let l = model.rangeLane0[r]; l < end; l++)
			if (now[l] !== attr) {
				now[l] = attr;
				times[l] = when[l] === place ? Math.min(3, times[l] + 1) : 1;
				when[l] = place;
				fn(i, l, slice && times[l] === 3);
			}
	}
}

/* The length of slices of time with which all entries find room. */
function sliceOf() {
	for (let slice = 0; ; slice = slice ? 4 * slice : Math.max(1, model.end / 65536)) {
		let total = model.laneLo.length;
		walkRows(slice, (row, lane, merges) => { total += !merges; });
		if (total <= limits.entries || slice > 4 * model.end)
			return slice;
	}
}

function fillLanes() {
	const nr = model.laneLo.length, first = new Uint32Array(nr + 1);
	model.nrRows = model.rowRange.length;
	const slice = sliceOf();
	walkRows(slice, (row, lane, merges) => { first[lane + 1] += !merges; });
	model.isThin = slice > 0 || model.rowsMerged > 0;
	for (let l = 0; l < nr; l++)
		first[l + 1] += first[l] + 1;
	model.first = first;
	model.time = new Float64Array(first[nr]);
	model.row = new Uint32Array(first[nr]);
	model.state = new Uint8Array(first[nr]);
	model.states = new Uint16Array(first[nr]); /* sets of bits: one, or several */
	const at = first.slice(0, nr);
	for (let l = 0; l < nr; l++) {
		const sp = model.spaces[model.laneSpace[l]], e = at[l]++;
		model.time[e] = sp.from;
		model.row[e] = NO_ROW;
		model.state[e] = sp.known ? UNMAPPED : UNKNOWN;
		model.states[e] = 1 << model.state[e];
	}
	walkRows(slice, (row, lane, merges) => {
		let e = at[lane];
		if (merges) { /* the entry before becomes one of the several that the one before that has */
			e--;
			model.states[e - 1] |= model.states[e];
			model.state[e - 1] = SEVERAL;
		} else {
			at[lane]++;
		}
		const attr = model.rowAttr[row];
		model.time[e] = Math.max(model.rowTime[row], model.time[e - 1]);
		model.row[e] = row;
		model.state[e] = attrState(attr);
		model.states[e] = attr >= 0 ? model.attrs[attr].states : 1 << model.state[e];
		if (model.state[e] === SEVERAL) /* its parts did not begin at one time */
			model.states[e] |= model.states[e - 1];
	});
	sumBlocks();
}

/* For each BLOCK of entries, the set of states that lasted, as bits. */
function sumBlocks() {
	const n = model.time.length;
	model.blocks = new Uint16Array(Math.ceil(n / BLOCK));
	for (let e = 0; e < n; e++)
		if (isWx(e) || e + 1 === n || model.time[e + 1] !== model.time[e])
			model.blocks[e >> 6] |= model.states[e];
}

/* True if the entry was writable and executable at once, at some time. */
function isWx(e) {
	return (model.states[e] >> WX & 1) === 1;
}

/* True if a row says so of its range. */
function isRowWx(row) {
	return model.rowAttr[row] >= 0 && (model.attrs[model.rowAttr[row]].states >> WX & 1) === 1;
}

function attrState(attr) {
	return attr >= 0 ? model.attrState[attr] : attr === ATTR_UNKNOWN ? UNKNOWN : UNMAPPED;
}

async function loadModel() {
	const data = document.getElementById("data");
	const bytes = await inflate(fromBase64(data.textContent.trim()));
	data.remove();
	const [json, columns] = readColumns(bytes);
	for (const key of ["what", "tier", "version", "utc", "end", "changes", "failed", "lost",
			   "rowsDropped", "rowsMerged", "rowsUnnamed", "rowsAdded", "full", "procsDropped", "spacesDropped", "findingsDropped", "writesDropped"])
		model[key] = json[key];
	model.wall = BigInt(json.wall);
	readRows(json, columns);
	readTables(json);
	cutLanes();
	placeWrites();
	fillLanes();
	model.begin = model.procs.length ? Infinity : 0;
	for (const p of model.procs)
		model.begin = Math.min(model.begin, p.from);
	for (const sp of model.spaces)
		model.end = Math.max(model.end, sp.to);
	model.end = Math.max(model.end, model.begin + 1000);
	const rowSpace = new Uint32Array(model.nrRows);
	for (let i = 0; i < model.nrRows; i++)
		rowSpace[i] = model.rangeSpace[model.rowRange[i]];
	model.bySpace = groupBy(rowSpace, model.spaces.length);
}

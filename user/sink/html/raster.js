/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lanes as pixels. For each row of pixels, the set of states in each column is gathered as bits,
 * however many entries or lanes fall into it, and then coloured: no state is missed, and drawing is
 * bounded by the screen.
 */
"use strict";

const STATE_VARS = ["--chart", "--s-unknown", "--s-none", "--s-r", "--s-w", "--s-rw", "--s-x", "--s-rx", "--s-wx"];
const STRIPE = 8; /* pixels of a pattern's period, along x + y */

const raster = { colors: new Uint32Array(0), line: new Uint16Array(0), css: {} };

/* Canvas pixels are bytes R, G, B, A; as a number of a little-endian processor, 0xAABBGGRR. */
function pixelOf(color) {
	const n = parseInt(color.slice(1), 16);
	return (0xff000000 | (n & 0xff) << 16 | (n & 0xff00) | n >> 16) >>> 0;
}

/* The colours of every set of states, at each place of the pattern. */
function readColors() {
	const style = getComputedStyle(document.documentElement), get = (name) => style.getPropertyValue(name).trim();
	const plain = STATE_VARS.map((name) => pixelOf(get(name)));
	const wx2 = pixelOf(get("--s-wx2")), unknown2 = pixelOf(get("--s-unknown2"));
	raster.colors = new Uint32Array((1 << NR_STATES) * STRIPE);
	for (let mask = 0; mask < 1 << NR_STATES; mask++) {
		const states = [];
		/* unmapped (bit 0) gets no stripe beside other states */
		for (let s = mask > 1 ? 1 : 0; s < NR_STATES; s++)
			if (mask >> s & 1)
				states.push(s);
		for (let k = 0; k < STRIPE; k++) {
			const s = mask >> WX & 1 ? WX : states.length ? states[Math.floor(k * states.length / STRIPE)] : 0;
			raster.colors[mask * STRIPE + k] = s === WX && k < 2 ? wx2 :
				s === UNKNOWN && k === 4 ? unknown2 : plain[s];
		}
	}
	for (const name of ["bg", "bar", "line", "ink", "dim", "accent", "chart", "head", "hover", "cursor", "select",
			    "plot", "heap", "info", "low", "medium", "high", "s-wx", "s-rw", "s-rx"])
		raster.css[name] = get(`--${name}`);
}

/*
 * Sets the bits of a lane's states in raster.line: column c is the time from t0 + c / k to
 * t0 + (c + 1) / k. Calls onSpan(entry, x0, x1) for each span of at least minWidth columns.
 */
function gatherLane(lane, t0, k, width, minWidth, onSpan) {
	const { time, states, blocks } = model, line = raster.line, end = model.first[lane + 1];
	const sp = model.spaces[model.laneSpace[lane]], t1 = t0 + width / k;
	const stop = model.full ? Math.min(sp.to, model.full) : sp.to;
	for (let e = entryAt(lane, t0); e < end; e++) {
		const from = time[e], to = e + 1 < end ? Math.min(time[e + 1], stop) : stop;
		if (from >= t1)
			break;
		if (to < t0 || (to <= from && !isWx(e)))
			continue;
		const x0 = Math.max(0, Math.floor((from - t0) * k));
		const x1 = Math.min(width, Math.max(x0 + 1, Math.ceil((to - t0) * k)));
		const bits = states[e];
		for (let x = x0; x < x1; x++)
			line[x] |= bits;
		if (onSpan && x1 - x0 >= minWidth)
			onSpan(e, x0, x1);
		/* entries that fall into the same column, a block at a time */
		const next = t0 + (x0 + 1) / k;
		while (e + 1 + BLOCK < end && (e + 1) % BLOCK === 0 && time[e + 1 + BLOCK] < next) {
			line[x0] |= blocks[(e + 1) / BLOCK];
			e += BLOCK;
		}
	}
	if (stop < sp.to)
		for (let x = Math.max(0, Math.floor((stop - t0) * k)); x < Math.min(width, (sp.to - t0) * k); x++)
			line[x] |= 1 << UNKNOWN;
}

/* Colours rows [y0, y1) of pixels by raster.line, and clears that. */
function paintLine(pixels, y0, y1, width) {
	const { line, colors } = raster;
	for (let y = y0; y < y1; y++) {
		const row = y * width;
		for (let x = 0; x < width; x++)
			if (line[x])
				pixels[row + x] = colors[line[x] * STRIPE + (x + y) % STRIPE];
	}
	line.fill(0);
}

/*
 * Draws the lanes of a region between y and y + h (in device pixels, in part out of sight) into
 * view.pixels. Calls onSpan(lane, entry, x0, x1, y, h) for spans that have room for text.
 */
function paintRegion(region, y, h, view, onSpan) {
	const { pixels, width, height, t0, k } = view, n = region.lane1 - region.lane0, each = h / n;
	const first = Math.max(0, Math.floor(-y / each)), last = Math.min(n, Math.ceil((height - y) / each));
	const separate = each >= 4 * view.dpr ? 1 : 0;
	let row = -1;
	for (let i = first; i < last; i++) {
		const lane = region.lane0 + i;
		const y0 = Math.max(0, Math.floor(y + i * each)), y1 = Math.min(height, Math.max(y0 + 1, Math.floor(y + (i + 1) * each)));
		if (row >= 0 && y0 > row) {
			paintLine(pixels, row, row + 1, width);
			row = -1;
		}
		if (each < 1) { /* several lanes in a row of pixels */
			row = y0;
			gatherLane(lane, t0, k, width, Infinity, null);
			continue;
		}
		const room = each >= 11 * view.dpr;
		gatherLane(lane, t0, k, width, room ? 30 * view.dpr : Infinity,
			   room ? (e, x0, x1) => onSpan(lane, e, x0, x1, y + i * each, each) : null);
		paintLine(pixels, y0, Math.max(y0 + 1, y1 - separate), width);
	}
	if (row >= 0)
		paintLine(pixels, row, row + 1, width);
}

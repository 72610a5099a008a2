/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The picture: overview and axis of time above, names at the left, lanes, and below them the bytes
 * of the process that was looked at last. All of it is drawn anew each time, but only the part in
 * sight.
 */
"use strict";

const LEFT = 250, TOP_H = 28, AXIS_H = 22, PLOT_H = 54, BAR_W = 11;
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
const BOLD = `600 ${FONT}`, SMALL = FONT.replace("12px", "11px");
const MONO = "11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const PIN_H = 8; /* of the mark of a write */
const MIN_SPAN = 100; /* ns */
const FEW_LOSSES = 30; /* in sight; if there are more, they are only ticks of the axis */
const SEVERITIES = ["info", "low", "medium", "high"];

const canvas = document.getElementById("chart"), ctx = canvas.getContext("2d", { alpha: false });
/* The part in sight: t0 to t0 + span in ns, and from y down in CSS pixels. */
const view = { t0: 0, span: 1, y: 0, width: 0, height: 0, dpr: 1 };
const state = { cursor: null, lane: -1, entry: -1, finding: -1, proc: null, hover: null };

const chart = {
	get x() { return LEFT; },
	get y() { return TOP_H + AXIS_H; },
	get w() { return Math.max(50, view.width - LEFT - BAR_W); },
	get h() { return Math.max(50, view.height - TOP_H - AXIS_H - 2 * PLOT_H); },
};

function xOf(t) {
	return chart.x + (t - view.t0) / view.span * chart.w;
}

function timeOf(x) {
	return view.t0 + (x - chart.x) / chart.w * view.span;
}

function text(s, x, y, color, font = FONT, align = "left") {
	ctx.font = font;
	ctx.fillStyle = color;
	ctx.textAlign = align;
	ctx.textBaseline = "middle";
	ctx.fillText(s, x, y);
}

/* s, without its middle if it is wider than width. */
function fitText(s, width, font = FONT) {
	ctx.font = font;
	if (ctx.measureText(s).width <= width)
		return s;
	let n = s.length;
	const cut = () => `${s.slice(0, Math.ceil(n / 3))}…${s.slice(s.length - Math.floor(2 * n / 3))}`;
	while (n > 2 && ctx.measureText(cut()).width > width)
		n = Math.min(n - 1, Math.floor(n * 0.95));
	return cut();
}

function rect(x, y, w, h, color) {
	ctx.fillStyle = color;
	ctx.fillRect(x, y, w, h);
}

/* ---- lanes ---- */

const image = { data: null };

/* All lanes in sight. Returns the spans that have room for their protection in letters. */
function drawLanes() {
	const { dpr } = view, w = Math.round(chart.w * dpr), h = Math.round(chart.h * dpr), spans = [];
	if (!image.data || image.data.width !== w || image.data.height !== h) {
		image.data = new ImageData(w, h);
		image.pixels = new Uint32Array(image.data.data.buffer);
		raster.line = new Uint16Array(w);
	}
	image.pixels.fill(raster.colors[0]);
	const target = { pixels: image.pixels, width: w, height: h, t0: view.t0, k: w / view.span, dpr };
	for (const item of layout.items) {
		const y = (item.y - view.y) * dpr;
		if (item.kind === "region" && y < h && y + item.h * dpr > 0)
			paintRegion(item.region, y, item.h * dpr, target,
				    (lane, e, x0, x1, top, each) => spans.push([e, x0, x1, top, each]));
	}
	ctx.putImageData(image.data, Math.round(chart.x * dpr), Math.round(chart.y * dpr));
	return spans;
}

function drawSpanTexts(spans) {
	const { css } = raster, { dpr } = view;
	for (const [e, x0, x1, y, h] of spans) {
		const a = attrOfEntry(e), s = model.state[e];
		if (s === UNMAPPED || s === SEVERAL)
			continue;
		const ink = s === UNKNOWN ? css.dim : s === NONE ? css.ink : s === SPAN_RW || s === SPAN_RX || s === WX ? "#ffffff" : "#10202c";
		const label = a ? protText(a.flags) : "???", middle = chart.x + (x0 + x1) / 2 / dpr;
		if (s === WX || s === UNKNOWN) /* letters on stripes need a background */
			rect(middle - 14, chart.y + y / dpr + 1, 28, h / dpr - 2, s === WX ? css["s-wx"] : css.chart);
		text(label, middle, chart.y + (y + h / 2) / dpr, ink, MONO, "center");
	}
}

/* ---- processes and names ---- */

function procTitle(p) {
	return `pid ${p.pid} ${p.comm}`;
}

function procFacts(p) {
	const facts = [];
	if (p.exe)
		facts.push(p.exe);
	facts.push(countText(changesOf(p), "change"));
	if (p.failed)
		facts.push(countText(p.failed, "failed call"));
	const [first] = p.periods.map(([nr]) => model.spaces[nr]).filter((sp) => sp.owner !== p.nr);
	if (first)
		facts.push(`${p.periods.length > 1 ? "at first in" : "shares"} the address space of pid ${model.procs[first.owner].pid}`);
	facts.push(fateText(p));
	return facts.join(", ");
}

/* Changes over time of a process that is folded. */
function drawActivity(p, y, h) {
	const { css } = raster, n = Math.ceil(chart.w / 2), counts = new Uint32Array(n), wx = new Uint8Array(n);
	let most = 0;
	for (const { sp } of spacesOf(p)) {
		const { first, order } = model.bySpace;
		for (let k = first[sp.nr]; k < first[sp.nr + 1]; k++) {
			const row = order[k], c = Math.floor((model.rowTime[row] - view.t0) / view.span * n);
			if (c < 0 || c >= n)
				continue;
			most = Math.max(most, ++counts[c]);
			if (isRowWx(row))
				wx[c] = 1;
		}
	}
	for (let c = 0; c < n; c++)
		if (counts[c]) {
			const part = Math.max(0.2, Math.log2(1 + counts[c]) / Math.log2(1 + most)) * h;
			rect(chart.x + 2 * c, y + h - part, 2, part, wx[c] ? css["s-wx"] : css.dim);
		}
}

function drawProc(item, y) {
	const { css } = raster, p = item.p, closed = layout.closed.has(p.nr), has = spacesOf(p).length;
	const hovered = state.hover && state.hover.item === item;
	rect(0, y, view.width - BAR_W, item.h - 1, hovered ? css.hover : css.head);
	if (p.worst >= 0)
		rect(0, y, 4, item.h - 1, css[SEVERITIES[p.worst]]);
	text(has ? closed ? "▸" : "▾" : " ", 10, y + item.h / 2, css.dim);
	text(fitText(procTitle(p), LEFT - 34, BOLD), 24, y + item.h / 2, css.ink, BOLD);
	if (closed)
		drawActivity(p, y + 3, item.h - 7);
	const x = Math.max(chart.x, Math.min(xOf(p.from), chart.x + chart.w)), end = Math.min(xOf(p.to), chart.x + chart.w);
	rect(x, y + item.h - 3, Math.max(0, end - x), 2, css.accent);
	const facts = fitText(procFacts(p), chart.w * (closed ? 0.5 : 0.9));
	if (closed)
		rect(chart.x, y, ctx.measureText(facts).width + 16, item.h - 3, hovered ? css.hover : css.head);
	text(facts, chart.x + 8, y + item.h / 2 - 1, css.dim);
}

function drawSpace(item, y) {
	const { css } = raster, { sp } = item, closed = layout.closedSpaces.has(sp.nr);
	const facts = [`${item.byExec ? "exec" : "at first"} ${item.exe || "?"}`, `from +${durationText(item.from)}`, countText(regionsOf(sp).length, "region"),
		       countText(sp.changes, "change")];
	rect(0, y, view.width - BAR_W, item.h - 1, state.hover && state.hover.item === item ? css.hover : css.bar);
	text(closed ? "▸" : "▾", 20, y + item.h / 2, css.dim);
	text(facts.join(" · "), 34, y + item.h / 2, css.dim, SMALL);
}

function drawRegion(item, y) {
	const { css } = raster, r = item.region, n = r.lane1 - r.lane0, middle = y + Math.min(item.h, 44) / 2;
	const hovered = state.hover && state.hover.item === item;
	rect(0, y, LEFT - 1, item.h, hovered ? css.hover : css.bg);
	if (r.wx)
		rect(LEFT - 5, y, 4, item.h, css["s-wx"]);
	if (item.h < 9)
		return;
	const bytes = r.bytes, count = r.changes ? `${model.isThin ? "≥ " : ""}${r.changes.toLocaleString("en")}` : "";
	ctx.font = SMALL;
	const room = LEFT - 46 - ctx.measureText(count).width;
	const shown = Math.max(y, Math.min(chart.y, y + item.h - 14)); /* the name stays in sight */
	const at = item.h >= 28 ? Math.max(shown, y) + 8 : middle;
	text(fitText(shortName(r.object) + (r.gaps ? ` ×${r.gaps + 1}` : ""), room), 28, at, css.ink);
	text(count, LEFT - 10, at, css.dim, SMALL, "right");
	if (item.h >= 28)
		text(`${hex(model.laneLo[r.lane0])} · ${sizeText(bytes)}` +
			(n > 1 ? ` · ${n} parts` : ""), 28, at + 14, css.dim, MONO);
}

function drawItems() {
	for (const item of layout.items) {
		const y = chart.y + item.y - view.y;
		if (y + item.h < chart.y || y > chart.y + chart.h)
			continue;
		if (item.kind === "proc")
			drawProc(item, y);
		else if (item.kind === "space")
			drawSpace(item, y);
		else
			drawRegion(item, y);
	}
}

/* ---- marks ---- */

/* The place of a lane on the canvas: [y, height]; null if it is folded away. */
function laneBox(lane) {
	const place = placeOfLane(lane);
	return place && [chart.y + place[0] - view.y, place[1]];
}

function drawSelection() {
	const box = state.lane >= 0 ? laneBox(state.lane) : null, { css } = raster;
	if (!box)
		return;
	const x0 = Math.max(chart.x - 2, xOf(model.time[state.entry]));
	const x1 = Math.min(chart.x + chart.w + 2, xOf(entryEnd(state.lane, state.entry)));
	ctx.lineWidth = 2;
	ctx.strokeStyle = css.select;
	ctx.strokeRect(x0, box[0] - 0.5, Math.max(2, x1 - x0), Math.max(3, box[1]));
}

/* Places of findings in sight: [finding, x, y]. */
function findingPlaces() {
	const places = [];
	for (const f of model.findings) {
		const x = xOf(f.first);
		if (x < chart.x || x > chart.x + chart.w)
			continue;
		const lane = laneAt(f.space, f.start), box = lane >= 0 ? laneBox(lane) : null;
		if (box)
			places.push([f, x, box[0] + Math.min(box[1], 14) / 2]);
	}
	return places;
}

function drawFindings() {
	const { css } = raster;
	for (const [f, x, y] of findingPlaces()) {
		const size = f.nr === state.finding ? 8 : 5;
		ctx.beginPath();
		ctx.moveTo(x, y - size);
		ctx.lineTo(x + size, y);
		ctx.lineTo(x, y + size);
		ctx.lineTo(x - size, y);
		ctx.closePath();
		ctx.fillStyle = css[SEVERITIES[f.severity]];
		ctx.fill();
		ctx.lineWidth = 1.5;
		ctx.strokeStyle = css.bg;
		ctx.stroke();
	}
}

/*
 * Places of writes in sight: [write, x of the first, x of the last, y]. Those whose lanes are not
 * known, or folded away, are on the line of their process.
 */
function writePlaces() {
	const places = [], inSight = (y, h) => y + h > view.y && y < view.y + chart.h;
	const regions = layout.items.filter((item) => item.kind === "region" && inSight(item.y, item.h));
	for (const w of model.writes) {
		const x0 = xOf(w.first), x1 = xOf(w.last), put = (y, h) => inSight(y, h) && places.push([w, x0, x1, chart.y + y + h - view.y]);
		if (x1 < chart.x - PIN_H || x0 > chart.x + chart.w + PIN_H)
			continue;
		if (w.lane0 === w.lane1 || !layout.regions.has(w.space))
			put(layout.procs.get(model.spaces[w.space].owner), PROC_H - 3);
		else
			for (const { y, h, region } of regions.filter((item) => item.region.space === w.space))
				eachPinOf(w, region, y, h, put);
	}
	return places;
}

/* Lanes that are lower than a pin share one. */
function eachPinOf(w, region, y, h, put) {
	const lane0 = Math.max(w.lane0, region.lane0), lane1 = Math.min(w.lane1, region.lane1), each = h / (region.lane1 - region.lane0);
	const n = Math.ceil(PIN_H / each);
	for (let lane = lane0; lane < lane1; lane += n)
		put(y + (lane - region.lane0) * each, Math.min(n, lane1 - lane) * each);
}

/* A pin whose point is at the foot of the lane; a line from the first to the last of several. */
function drawWrites() {
	const { css } = raster, drawn = new Set();
	for (const [w, x0, x1, y] of writePlaces()) {
		const key = `${Math.round(x0)} ${Math.round(x1)} ${Math.round(y)}`;
		if (drawn.has(key))
			continue;
		drawn.add(key);
		rect(x0, y - 2, x1 - x0, 2, css.ink);
		for (const x of w.last > w.first ? [x0, x1] : [x0])
			drawPin(x, y, css);
	}
}

function drawPin(x, y, css) {
	ctx.beginPath();
	ctx.moveTo(x, y);
	ctx.lineTo(x + PIN_H / 2, y - PIN_H);
	ctx.lineTo(x - PIN_H / 2, y - PIN_H);
	ctx.closePath();
	ctx.fillStyle = css.ink;
	ctx.fill();
	ctx.lineWidth = 1;
	ctx.strokeStyle = css.bg;
	ctx.stroke();
}

/* Records lost in each column; ranges that they left unknown are hatched by their state. */
function drawLosses() {
	const { css } = raster, lost = new Map();
	for (const [t, n] of model.losses) {
		const x = Math.round(xOf(t));
		if (x >= chart.x && x <= chart.x + chart.w)
			lost.set(x, (lost.get(x) || 0) + n);
	}
	let free = chart.x; /* where there is room for the next label */
	for (const [x, n] of lost) {
		const label = `${n.toLocaleString("en")} lost`;
		rect(x - 1, chart.y - 6, 3, 6, css.high);
		if (lost.size <= FEW_LOSSES)
			rect(x, chart.y, 1, chart.h, css.high);
		ctx.font = SMALL;
		const w = ctx.measureText(label).width + 6;
		if (x < free || lost.size > FEW_LOSSES)
			continue;
		rect(x, chart.y, w, 15, css.high);
		text(label, x + 3, chart.y + 8, css.bg, SMALL);
		free = x + w;
	}
}

function drawCursor() {
	const { css } = raster, x = state.cursor === null ? -1 : xOf(state.cursor);
	if (state.hover && state.hover.x >= chart.x)
		rect(state.hover.x, chart.y, 1, view.height - chart.y, css.line);
	if (x < chart.x || x > chart.x + chart.w)
		return;
	rect(Math.round(x) - 0.5, TOP_H + 2, 1.5, view.height - TOP_H - 2, css.cursor);
	const label = sinceText(state.cursor);
	ctx.font = SMALL;
	const w = ctx.measureText(label).width + 8, left = Math.min(x, chart.x + chart.w - w);
	rect(left, TOP_H + 3, w, 15, css.cursor);
	text(label, left + 4, TOP_H + 11, css.bg, SMALL);
}

function drawScrollbar() {
	const { css } = raster, x = view.width - BAR_W;
	rect(x, chart.y, BAR_W, chart.h, css.bar);
	if (layout.height <= chart.h)
		return;
	const h = Math.max(24, chart.h * chart.h / layout.height);
	const y = chart.y + view.y / (layout.height - chart.h) * (chart.h - h);
	rect(x + 2, y, BAR_W - 4, h, css.dim);
}

/* ---- all ---- */

let isPending = false; /* true if drawNow() is going to be called */

function draw() {
	if (!isPending)
		requestAnimationFrame(drawNow);
	isPending = true;
}

function drawNow() {
	isPending = false;
	clampView();
	const { dpr } = view, { css } = raster;
	ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
	rect(0, 0, view.width, view.height, css.bg);
	const spans = drawLanes();
	ctx.save();
	ctx.beginPath();
	ctx.rect(0, chart.y, view.width, chart.h);
	ctx.clip();
	drawSpanTexts(spans);
	drawItems();
	drawSelection();
	drawFindings();
	drawWrites();
	ctx.restore();
	drawScrollbar();
	drawTop();
	drawLosses();
	drawPlots();
	drawCursor();
	showView();
}

/* The whole time, with a margin of a hundredth at each end. */
function wholeSpan() {
	return (model.end - model.begin) * 1.02;
}

function clampView() {
	view.span = Math.min(wholeSpan(), Math.max(MIN_SPAN, view.span));
	const margin = 0.01 / 1.02 * Math.max(view.span, wholeSpan());
	view.t0 = Math.min(model.end + margin - view.span, Math.max(model.begin - margin, view.t0));
	view.y = Math.max(0, Math.min(layout.height - chart.h, view.y));
}

function resize() {
	const stage = document.getElementById("stage");
	view.width = stage.clientWidth;
	view.height = stage.clientHeight;
	view.dpr = Math.min(2, window.devicePixelRatio || 1);
	canvas.width = Math.round(view.width * view.dpr);
	canvas.height = Math.round(view.height * view.dpr);
	canvas.style.width = `${view.width}px`;
	canvas.style.height = `${view.height}px`;
	drawNow(); /* a canvas of another size is empty */
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Around the lanes: the whole time as an overview, the axis of time, bytes over time. */
"use strict";

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const UNITS = [["ns", 1, STEPS], ["µs", 1e3, STEPS], ["ms", 1e6, STEPS], ["s", 1e9, [1, 2, 5, 10, 20, 30]],
	       ["min", 60e9, [1, 2, 5, 10, 20, 30]], ["h", 3600e9, [1, 2, 5, 10, 24, 48, 120, 240]]];

/* The smallest round step of at least ns. */
function stepOf(ns) {
	for (const [, unit, steps] of UNITS)
		for (const s of steps)
			if (s * unit >= ns)
				return s * unit;
	return ns;
}

function drawAxis() {
	const { css } = raster, step = stepOf(view.span / chart.w * 90);
	for (let i = Math.ceil(view.t0 / step); i * step <= view.t0 + view.span; i++) {
		const x = xOf(i * step);
		if (i < 0 || x < chart.x)
			continue;
		const label = tickText(i * step, step);
		rect(x, TOP_H + AXIS_H - 5, 1, 5, css.dim);
		ctx.font = SMALL;
		if (x + 3 + ctx.measureText(label).width < view.width)
			text(label, x + 3, TOP_H + AXIS_H - 10, css.dim, SMALL);
	}
	rect(chart.x, TOP_H + AXIS_H - 1, chart.w, 1, css.line);
}

/* The label of a tick, with as many digits as it takes to differ from its neighbours. */
function tickText(t, step) {
	if (!t)
		return "0";
	let [name, unit] = UNITS[0];
	for (const [n, u] of UNITS)
		if (u <= 1e9 && Math.max(t, step) >= u)
			[name, unit] = [n, u];
	if (step >= 60e9)
		[name, unit] = step >= 3600e9 ? ["h", 3600e9] : ["min", 60e9];
	const digits = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
	return `${(t / unit).toFixed(digits)} ${name}`;
}

/* ---- overview ---- */

const overview = { width: 0, counts: null, wx: null, most: 0 };

function countOverview(width) {
	overview.width = width;
	overview.counts = new Uint32Array(width);
	overview.wx = new Uint8Array(width);
	const k = width / ((model.end - model.begin) * 1.0001);
	overview.most = 0;
	for (let i = 0; i < model.nrRows; i++) {
		const c = Math.max(0, Math.floor((model.rowTime[i] - model.begin) * k));
		if (model.causes[model.rowCause[i]].tid === 0)
			continue; /* mappings that were there already, and snapshots: no calls */
		overview.most = Math.max(overview.most, ++overview.counts[c]);
		if (isRowWx(i))
			overview.wx[c] = 1;
	}
}

function overviewX(t) {
	const part = (t - model.begin) / (model.end - model.begin);
	return chart.x + Math.min(1, Math.max(0, part)) * chart.w;
}

function overviewTime(x) {
	return model.begin + (x - chart.x) / chart.w * (model.end - model.begin);
}

function drawOverview() {
	const { css } = raster, w = Math.floor(chart.w), h = TOP_H - 4;
	if (overview.width !== w)
		countOverview(w);
	rect(0, 0, view.width, TOP_H, css.bar);
	for (let c = 0; c < w; c++)
		if (overview.counts[c]) {
			const part = Math.max(2, Math.log2(1 + overview.counts[c]) / Math.log2(1 + overview.most) * h);
			rect(chart.x + c, 2 + h - part, 1, part, overview.wx[c] ? css["s-wx"] : css.dim);
		}
	for (const f of model.findings)
		rect(overviewX(f.first) - 1, 0, 3, 5, css[SEVERITIES[f.severity]]);
	for (const [t] of model.losses)
		rect(overviewX(t) - 1, TOP_H - 5, 2, 5, css.high);
	const x0 = overviewX(view.t0), x1 = overviewX(view.t0 + view.span);
	ctx.globalAlpha = 0.55;
	rect(chart.x, 0, x0 - chart.x, TOP_H, css.bg);
	rect(x1, 0, chart.x + w - x1, TOP_H, css.bg);
	ctx.globalAlpha = 1;
	ctx.lineWidth = 1.5;
	ctx.strokeStyle = css.accent;
	ctx.strokeRect(x0, 1, Math.max(3, x1 - x0), TOP_H - 2);
}

function drawTop() {
	const { css } = raster;
	rect(0, TOP_H, view.width, AXIS_H, css.bg);
	drawOverview();
	drawAxis();
	text(wallText(model.begin), 10, TOP_H / 2, css.dim, SMALL);
	text(`${countText(model.procs.length, "process")}, ${durationText(model.end - model.begin)}`, 10, TOP_H + AXIS_H / 2, css.dim, SMALL);
	rect(0, TOP_H + AXIS_H - 1, LEFT, 1, css.line);
}

/* ---- bytes over time ---- */

/* The greatest value of a series in each column; -1: none. */
function columnsOf(times, values, to, width) {
	const out = new Float64Array(width).fill(-1), k = width / view.span;
	let i = Math.max(0, above(times, 0, times.length, view.t0) - 1);
	for (; i < times.length && times[i] < view.t0 + view.span; i++) {
		const end = i + 1 < times.length ? times[i + 1] : to;
		const x0 = Math.max(0, Math.floor((times[i] - view.t0) * k));
		const x1 = Math.min(width, Math.max(x0 + 1, Math.ceil((end - view.t0) * k)));
		for (let x = x0; x < x1; x++)
			out[x] = Math.max(out[x], values[i]);
	}
	return out;
}

function valueAt(times, values, t) {
	const i = above(times, 0, times.length, t) - 1;
	return i < 0 ? 0 : values[i];
}

/* Series of the address spaces that the process had, one after the other. */
function drawPlot(p, which, name, color, y) {
	const { css } = raster, width = Math.floor(chart.w), h = PLOT_H - 6, stop = model.full || Infinity;
	let most = 0;
	const parts = p.periods.map(([nr, from], i) => {
		const series = seriesOf(nr), to = i + 1 < p.periods.length ? p.periods[i + 1][1] : Math.min(p.to, model.spaces[nr].to);
		for (const v of series[which])
			most = Math.max(most, v);
		return { series, from, to: Math.min(to, stop) };
	});
	for (const { series, from, to } of parts) {
		const columns = columnsOf(series.times, series[which], to, width);
		const x0 = Math.max(0, Math.floor(xOf(from) - chart.x)), x1 = Math.min(width, Math.ceil(xOf(to) - chart.x));
		for (let x = x0; x < x1; x++)
			if (columns[x] > 0) {
				const part = Math.max(1, columns[x] / most * (h - 4));
				rect(chart.x + x, y + h - part, 1, part, color);
			}
	}
	for (const w of model.writes)
		if (p.periods.some(([nr]) => nr === w.space) && (which === "mapped" || isIntoHeap(w)))
			for (const x of [xOf(w.first), xOf(w.last)])
				if (x >= chart.x && x < chart.x + width)
					drawPin(x, y + h, css);
	const at = state.hover && state.hover.x >= chart.x ? state.hover.t : state.cursor;
	const space = at === null ? -1 : spaceOfProc(p, at), series = space >= 0 && at <= p.to && at < stop ? seriesOf(space) : null;
	const now = series ? `now ${sizeText(valueAt(series.times, series[which], at))}, ` : "";
	text(name, 10, y + 14, css.ink, FONT);
	text(`${now}at most ${sizeText(most)}`, 10, y + 30, css.dim, SMALL);
	rect(0, y + h, view.width, 1, css.line);
}

function drawPlots() {
	const { css } = raster, y = chart.y + chart.h;
	rect(0, y, view.width, view.height - y, css.bg);
	rect(0, y, view.width, 1, css.line);
	if (!state.proc)
		return;
	drawPlot(state.proc, "heap", `heap of pid ${state.proc.pid}`, css.heap, y + 4);
	drawPlot(state.proc, "mapped", "mapped, but PROT_NONE", css.plot, y + PLOT_H + 2);
}

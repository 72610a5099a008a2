/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places from top to bottom: processes, those with the most to see first; in each, its address
 * spaces; in each of these, the regions: neighbouring lanes that map one object. Heights are in CSS
 * pixels, before scrolling.
 */
"use strict";

const PROC_H = 26, SPACE_H = 18, LANE_H = 14, GAP_H = 3, END_H = 8, LANE_MAX_H = 40;
/* Regions of more lanes than this grow slower: a thousand lanes must not fill ten screens. */
const FEW_LANES = 6, MORE_H = 26;
const OPEN_PROCS = 6, OPEN_LANES = 6000;

const layout = { items: [], regions: new Map(), procs: new Map(), height: 0, scale: 1, closed: new Set(), closedSpaces: new Set(), order: [] };

/* Regions of a space; they are made once. */
function regionsOf(sp) {
	if (sp.regions)
		return sp.regions;
	sp.regions = [];
	let last = null;
	for (let l = sp.lane0; l < sp.lane1; l++) {
		const object = laneObject(l);
		/* by name: a file that is replaced has another inode */
		if (!last || shortName(last.object) !== shortName(object)) {
			last = { space: sp.nr, object, lane0: l, lane1: l, gaps: 0, bytes: 0, changes: 0, wx: false };
			sp.regions.push(last);
		} else if (model.laneHi[l - 1] !== model.laneLo[l]) {
			last.gaps++;
		}
		last.lane1 = l + 1;
		last.bytes += model.laneHi[l] - model.laneLo[l];
		for (let e = model.first[l] + 1; e < model.first[l + 1]; e++) {
			const row = model.row[e], top = Math.max(last.lane0, model.rangeLane0[model.rowRange[row]]);
			/* a change of several lanes counts once */
			last.changes += model.causes[model.rowCause[row]].tid !== 0 && top === l;
			last.wx = last.wx || isWx(e);
		}
	}
	return sp.regions;
}

function regionHeight(r) {
	const n = r.lane1 - r.lane0, most = n * LANE_MAX_H;
	if (!r.changes)
		return Math.min(most, Math.max(6, LANE_H * layout.scale));
	const more = n > FEW_LANES ? MORE_H * Math.log2(n / FEW_LANES) : 0;
	return Math.min(most, Math.max(6, (Math.min(n, FEW_LANES) * LANE_H + more) * layout.scale));
}

/* Address spaces that are drawn under p. */
function spacesOf(p) {
	return p.periods.map(([nr, from, byExec, exe]) => ({ sp: model.spaces[nr], from, byExec, exe }))
		.filter(({ sp }) => sp.owner === p.nr && sp.lane1 > sp.lane0);
}

function hasWx(p) {
	if (p.wx === undefined)
		p.wx = spacesOf(p).some(({ sp }) => regionsOf(sp).some((r) => r.wx));
	return p.wx;
}

function changesOf(p) {
	return spacesOf(p).reduce((n, { sp }) => n + sp.changes, 0);
}

function initLayout() {
	let open = 0, lanes = 0;
	layout.order = model.procs.slice().sort((a, b) => b.worst - a.worst || hasWx(b) - hasWx(a) ||
		changesOf(b) - changesOf(a) || a.from - b.from || a.pid - b.pid);
	for (const p of layout.order) {
		const all = spacesOf(p);
		lanes += all.reduce((n, { sp }) => n + sp.lane1 - sp.lane0, 0);
		if (!all.length || open >= OPEN_PROCS || (open && (lanes > OPEN_LANES || !changesOf(p))))
			layout.closed.add(p.nr);
		else
			open++;
		/* the copy that a fork made and an exec threw away at once */
		all.forEach(({ sp }, i) => {
			if (!sp.changes && i + 1 < all.length)
				layout.closedSpaces.add(sp.nr);
		});
	}
}

function placeSpace({ sp, from, byExec, exe }, p, y) {
	layout.items.push({ kind: "space", y, h: SPACE_H, sp, p, from, byExec, exe });
	y += SPACE_H;
	return layout.closedSpaces.has(sp.nr) ? y : placeRegions(sp, p, y);
}

function placeRegions(sp, p, y) {
	const placed = [];
	for (const region of regionsOf(sp)) {
		const h = regionHeight(region);
		placed.push({ kind: "region", y, h, region, sp, p });
		layout.items.push(placed[placed.length - 1]);
		y += h + GAP_H;
	}
	layout.regions.set(sp.nr, placed);
	return y + END_H;
}

function placeAll() {
	let y = 0;
	layout.items = [];
	layout.regions.clear();
	layout.procs.clear();
	for (const p of layout.order) {
		const all = spacesOf(p);
		layout.items.push({ kind: "proc", y, h: PROC_H, p });
		layout.procs.set(p.nr, y);
		y += PROC_H;
		if (layout.closed.has(p.nr))
			continue;
		if (all.length === 1)
			y = placeRegions(all[0].sp, p, y);
		else
			for (const one of all)
				y = placeSpace(one, p, y);
	}
	layout.height = y;
}

/* The last of items, sorted by place(item), whose place is not above x; undefined if none is. */
function lastUpTo(items, x, place) {
	let lo = 0, hi = items.length;
	while (lo < hi) {
		const mid = (lo + hi) >>> 1;
		if (place(items[mid]) > x)
			hi = mid;
		else
			lo = mid + 1;
	}
	return items[lo - 1];
}

function itemAt(y) {
	const item = lastUpTo(layout.items, y, (i) => i.y);
	return item && y < item.y + item.h ? item : null;
}

/* The place of a lane, before scrolling: [y, height]; null if it is folded away. */
function placeOfLane(lane) {
	const placed = layout.regions.get(model.laneSpace[lane]);
	if (!placed)
		return null;
	const item = lastUpTo(placed, lane, (i) => i.region.lane0), h = item.h / (item.region.lane1 - item.region.lane0);
	return [item.y + (lane - item.region.lane0) * h, h];
}

function laneOfItem(item, y) {
	const r = item.region, n = r.lane1 - r.lane0;
	return Math.min(r.lane1 - 1, r.lane0 + Math.floor((y - item.y) / item.h * n));
}

/* The place of a lane, [y, height]; whatever hides it is unfolded. */
function revealLane(lane) {
	const sp = model.spaces[model.laneSpace[lane]];
	if (layout.closed.delete(sp.owner) | layout.closedSpaces.delete(sp.nr))
		placeAll();
	return placeOfLane(lane) || [0, LANE_H];
}

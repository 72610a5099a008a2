/* SPDX-License-Identifier: BSD-2-Clause */
/* Mouse, keys, search, and the start of the page. */
"use strict";

const KEYS = [["← →", "earlier, later (Shift: by a whole screen)"], ["↑ ↓", "scroll"], ["+ −", "zoom, about the cursor if it is in sight"],
	["Home End", "to the first, to the last moment"], ["0", "the whole time"], ["z", "the time of the process that was looked at last"], ["[ ]", "lower, higher lanes"],
	[", .", "change before, change after, in the chosen lane"], ["/", "search: address, part of a path, rwx (w+x, r-x, unknown), caller, call, finding"],
	["n N", "next hit, hit before"], ["f F", "next finding, finding before"], ["t", "light or dark"], ["p", "show or hide the panel"],
	["m d g", "panel: maps, details, findings"], ["Esc", "leave the search, drop the choice"], ["?", "this"],
	["wheel", "zoom time; over names, or with Shift: scroll; with Ctrl: height of lanes"], ["drag", "move; in the overview: choose what is in sight"],
	["click", "choose a place and a moment; a process: fold it"]];
const search = { text: "", hits: [], at: -1 };

/* ---- moving ---- */

function zoom(factor, t) {
	const span = Math.min(wholeSpan(), Math.max(MIN_SPAN, view.span * factor));
	view.t0 = t - (t - view.t0) * span / view.span;
	view.span = span;
	draw();
}

function zoomByKey(factor) {
	const c = state.cursor, inSight = c !== null && c >= view.t0 && c <= view.t0 + view.span;
	zoom(factor, inSight ? c : view.t0 + view.span / 2);
}

function pan(part) {
	view.t0 += part * view.span;
	draw();
}

function scroll(pixels) {
	view.y += pixels;
	draw();
}

function showWhole() {
	view.t0 = model.begin;
	view.span = wholeSpan();
	draw();
}

/* The time in which the process whose bytes are plotted was watched. */
function showProc() {
	if (!state.proc)
		return;
	view.span = (state.proc.to - state.proc.from) * 1.1;
	view.t0 = state.proc.from - view.span * 0.05;
	draw();
}

/* Lanes become higher or lower; the item at y stays at y. */
function scaleLanes(factor, y) {
	const item = itemAt(view.y + y), part = item ? (view.y + y - item.y) / item.h : 0;
	layout.scale = Math.min(16, Math.max(0.4, layout.scale * factor));
	placeAll();
	const same = item && layout.items.find((i) => i.kind === item.kind && i.region === item.region && i.sp === item.sp && i.p === item.p);
	if (same)
		view.y = same.y + part * same.h - y;
	draw();
}

/* ---- choosing ---- */

function choose(lane, entry, t) {
	state.lane = lane;
	state.entry = entry;
	state.cursor = t;
	state.proc = model.procs[model.spaces[model.laneSpace[lane]].owner];
	showDetails();
	showMaps();
	draw();
}

function bringIntoSight(lane, t) {
	const [y, h] = revealLane(lane);
	if (y < view.y + 10 || y + h > view.y + chart.h - 10)
		view.y = y + h / 2 - chart.h / 2;
	if (t < view.t0 + view.span * 0.05 || t > view.t0 + view.span * 0.95)
		view.t0 = t - view.span / 2;
}

/* A very short entry is zoomed in on, until it is wide enough to be seen. */
function goTo(lane, entry) {
	const t = model.time[entry], lasted = entryEnd(lane, entry) - t;
	if (lasted < view.span / 200) {
		view.span = Math.max(MIN_SPAN, lasted * 20, wholeSpan() / 20000);
		view.t0 = t - view.span / 2;
	}
	bringIntoSight(lane, t);
	choose(lane, entry, t);
}

function goToFinding(f) {
	const lane = laneAt(f.space, f.start);
	state.finding = f.nr;
	if (lane >= 0)
		goTo(lane, entryAt(lane, f.first));
	state.proc = model.procs[f.proc];
	showFindings();
}

/* The next (by 1) or previous (by -1) finding in order of time. */
function stepFinding(by) {
	const sorted = model.findings.slice().sort((a, b) => a.first - b.first), n = sorted.length;
	const at = sorted.findIndex((f) => f.nr === state.finding);
	if (!n)
		return;
	goToFinding(sorted[at < 0 ? (by > 0 ? 0 : n - 1) : (at + by + n) % n]);
	showTab("findings");
}

function stepEntry(by) {
	const e = state.entry + by;
	if (state.lane >= 0 && e >= model.first[state.lane] && e < model.first[state.lane + 1])
		goTo(state.lane, e);
}

function toggleProc(p) {
	if (!layout.closed.delete(p.nr))
		layout.closed.add(p.nr);
	state.proc = p;
	placeAll();
	showMaps();
	draw();
}

function toggleSpace(sp) {
	if (!layout.closedSpaces.delete(sp.nr))
		layout.closedSpaces.add(sp.nr);
	placeAll();
	draw();
}

function click(hover) {
	const { item, lane, t, finding, x } = hover;
	if (finding) {
		goToFinding(finding);
		showTab("findings");
	} else if (item && item.kind === "proc") {
		toggleProc(item.p);
	} else if (item && item.kind === "space") {
		toggleSpace(item.sp);
	} else if (x >= chart.x) {
		state.cursor = Math.max(0, Math.floor(t));
		if (!item || t < item.sp.from || t > item.sp.to) {
			showMaps();
			draw();
			return;
		}
		const near = entriesNear(lane, t), wx = near.find(isWx);
		choose(lane, wx ?? near[near.length - 1] ?? entryAt(lane, t), state.cursor);
		if (currentTab() === "findings")
			showTab("details");
	}
}

/* ---- search ---- */

function startSearch(textNow) {
	search.text = textNow;
	search.hits = textNow ? searchAll(textNow) : [];
	search.at = -1;
	showHits();
}

function showHits() {
	byId("hits").textContent = !search.text ? "" : !search.hits.length ? "no hit" :
		`${search.at + 1} of ${search.hits.length.toLocaleString("en")}`;
}

/* The lane of a hit: the first lane that the row changed, or the one that holds the address. */
function laneOfHit(row) {
	const r = model.rowRange[row], addr = searchTests(search.text).addr;
	const lane = addr === undefined ? -1 : laneAt(model.rangeSpace[r], addr);
	return lane >= 0 ? lane : model.rangeLane0[r] < model.rangeLane1[r] ? model.rangeLane0[r] : -1;
}

function stepHit(by) {
	const n = search.hits.length;
	if (!n)
		return;
	search.at = search.at < 0 ? (by > 0 ? 0 : n - 1) : (search.at + by + n) % n;
	showHits();
	const hit = search.hits[search.at];
	if (hit < 0) {
		goToFinding(model.findings[-1 - hit]);
		showTab("findings");
		return;
	}
	const lane = laneOfHit(hit);
	if (lane < 0)
		return;
	const e = entryOfRow(lane, hit);
	goTo(lane, e < 0 ? entryAt(lane, model.rowTime[hit]) : e);
	if (currentTab() === "findings")
		showTab("details");
}

function submitSearch() {
	const textNow = byId("query").value.trim();
	if (textNow !== search.text)
		startSearch(textNow);
	stepHit(1);
}

/* ---- mouse ---- */

function hoverAt(x, y) {
	const inLanes = y >= chart.y && y < chart.y + chart.h, item = inLanes ? itemAt(view.y + y - chart.y) : null;
	const finding = inLanes ? findingPlaces().find(([, fx, fy]) => Math.abs(fx - x) < 7 && Math.abs(fy - y) < 7) : null;
	const written = writePlaces().filter(([, x0, x1, wy]) => x > x0 - 6 && x < x1 + 6 && y > wy - 10 && y < wy + 2);
	return { x, y, t: timeOf(x), item, finding: finding ? finding[0] : null, writes: inLanes ? written.map(([w]) => w) : [],
		 lane: item && item.kind === "region" ? laneOfItem(item, view.y + y - chart.y) : -1 };
}

function zoneOf(x, y) {
	if (y < TOP_H)
		return "overview";
	return x >= view.width - BAR_W && y >= chart.y && y < chart.y + chart.h ? "bar" : "chart";
}

function onDown(ev) {
	if (ev.button !== 0)
		return;
	byId("stage").setPointerCapture(ev.pointerId);
	state.drag = { zone: zoneOf(ev.offsetX, ev.offsetY), x: ev.offsetX, y: ev.offsetY, t0: view.t0, top: view.y, moved: false };
	showTip();
	if (state.drag.zone === "overview")
		dragTo(ev.offsetX, ev.offsetY);
}

function dragTo(x, y) {
	const d = state.drag, dx = x - d.x, dy = y - d.y;
	d.moved = d.moved || Math.abs(dx) + Math.abs(dy) > 4;
	if (d.zone === "overview") {
		view.t0 = overviewTime(x) - view.span / 2;
	} else if (d.zone === "bar") {
		view.y = d.top + dy / chart.h * layout.height;
	} else if (d.moved) {
		view.t0 = d.t0 - dx / chart.w * view.span;
		view.y = d.top - dy;
	}
	draw();
}

function onMove(ev) {
	if (state.drag) {
		dragTo(ev.offsetX, ev.offsetY);
		return;
	}
	state.hover = hoverAt(ev.offsetX, ev.offsetY);
	showTip();
	draw();
}

function onUp(ev) {
	const d = state.drag;
	state.drag = null;
	if (d && d.zone === "chart" && !d.moved)
		click(hoverAt(ev.offsetX, ev.offsetY));
}

function onWheel(ev) {
	const unit = ev.deltaMode === 1 ? 16 : ev.deltaMode === 2 ? chart.h : 1, dy = ev.deltaY * unit, dx = ev.deltaX * unit;
	ev.preventDefault();
	if (ev.ctrlKey)
		scaleLanes(Math.exp(-dy / 400), ev.offsetY - chart.y);
	else if (ev.shiftKey || ev.offsetX < chart.x)
		scroll(dy || dx);
	else if (Math.abs(dx) > Math.abs(dy))
		pan(dx / chart.w);
	else
		zoom(Math.exp(dy / 400), timeOf(ev.offsetX));
}

/* ---- keys ---- */

function setTheme(dark) {
	document.documentElement.classList.toggle("dark", dark);
	readColors();
	showLegend();
	draw();
}

function toggleTheme() {
	setTheme(!document.documentElement.classList.contains("dark"));
}

function togglePanel() {
	byId("panel").classList.toggle("folded");
}

function openTab(name) {
	byId("panel").classList.remove("folded");
	showTab(name);
}

function escape() {
	state.lane = state.entry = state.finding = -1;
	state.cursor = null;
	showDetails();
	showFindings();
	draw();
}

function startTyping() {
	byId("query").focus();
	byId("query").select();
}

const ACTIONS = {
	ArrowLeft: (ev) => pan(ev.shiftKey ? -0.9 : -0.1), ArrowRight: (ev) => pan(ev.shiftKey ? 0.9 : 0.1),
	ArrowUp: () => scroll(-60), ArrowDown: () => scroll(60), PageUp: () => scroll(-chart.h * 0.9), PageDown: () => scroll(chart.h * 0.9),
	"+": () => zoomByKey(1 / 1.6), "=": () => zoomByKey(1 / 1.6), "-": () => zoomByKey(1.6), "0": showWhole, z: showProc,
	Home: () => pan(-1e15), End: () => pan(1e15), "[": () => scaleLanes(1 / 1.3, chart.h / 2), "]": () => scaleLanes(1.3, chart.h / 2),
	",": () => stepEntry(-1), ".": () => stepEntry(1), "/": startTyping, n: () => stepHit(1), N: () => stepHit(-1),
	f: () => stepFinding(1), F: () => stepFinding(-1), t: toggleTheme, p: togglePanel, m: () => openTab("maps"),
	d: () => openTab("details"), g: () => openTab("findings"), Escape: escape, "?": () => byId("help").showModal(),
};

function onKey(ev) {
	if (ev.ctrlKey || ev.metaKey || ev.altKey || byId("help").open)
		return;
	if (ev.target === byId("query")) {
		if (ev.key === "Escape")
			byId("stage").focus();
		return;
	}
	/* the panel's buttons and lists have these keys for themselves */
	if (ev.target.closest("#panel") && /^(Arrow|Page|Home|End)/.test(ev.key))
		return;
	if (!Object.hasOwn(ACTIONS, ev.key))
		return;
	ev.preventDefault();
	ACTIONS[ev.key](ev);
}

function listen() {
	const stage = byId("stage");
	stage.addEventListener("pointerdown", onDown);
	stage.addEventListener("pointermove", onMove);
	stage.addEventListener("pointerup", onUp);
	stage.addEventListener("pointercancel", () => { state.drag = null; });
	stage.addEventListener("pointerleave", () => { state.hover = null; showTip(); draw(); });
	stage.addEventListener("wheel", onWheel, { passive: false });
	new ResizeObserver(resize).observe(stage);
	window.addEventListener("keydown", onKey);
	byId("search").addEventListener("submit", (ev) => {
		ev.preventDefault();
		submitSearch();
		byId("stage").focus(); /* for n and N */
	});
	byId("next").addEventListener("click", submitSearch);
	byId("prev").addEventListener("click", () => stepHit(-1));
	for (const [id, action] of [["whole", showWhole], ["theme", toggleTheme], ["fold", togglePanel], ["ask", ACTIONS["?"]]])
		byId(id).addEventListener("click", action);
	for (const tab of document.querySelectorAll("[data-tab]"))
		tab.addEventListener("click", () => showTab(tab.dataset.tab));
	byId("keys").append(...KEYS.map(([keys, means]) =>
		element("tr", "", element("td", "", ...keys.split(" ").map((k) => element("kbd", "", k))), element("td", "", means))));
	const dark = matchMedia("(prefers-color-scheme: dark)");
	dark.addEventListener("change", () => setTheme(dark.matches));
	setTheme(dark.matches);
}

async function start() {
	await loadModel();
	initLayout();
	state.proc = layout.order[0] || null;
	placeAll();
	showWhole();
	showNotices();
	showFindings();
	showTab(model.findings.length ? "findings" : "details");
	listen();
	resize();
	byId("loading").remove();
	document.documentElement.dataset.ready = "yes";
	byId("stage").focus();
}

start().catch((err) => {
	byId("loading").textContent = `This page can't be read: ${err.message}. It needs a browser of 2023 or later.`;
	throw err;
});

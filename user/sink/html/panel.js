/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The panel beside the chart, and the tip under the mouse. Data go in as text only, and never as
 * markup: traced processes choose part of them.
 */
"use strict";

const FEW_WRITES = 5, MANY_WRITES = 100; /* under the mouse, in the details */

const byId = (id) => document.getElementById(id);

/* An element with a class, and children: elements or text. */
function element(tag, className, ...children) {
	const el = document.createElement(tag);
	if (className)
		el.className = className;
	el.append(...children);
	return el;
}

function stateChip(s, flags) {
	return element("span", `state s${s}`, s > UNKNOWN ? protText(flags) : STATE_NAMES[s]);
}

function chipOfEntry(e) {
	const a = attrOfEntry(e);
	return model.state[e] === SEVERAL ? element("span", "state", statesText(model.states[e])) : stateChip(model.state[e], a ? a.flags : 0);
}

function showTab(name) {
	for (const tab of ["details", "maps", "findings"]) {
		byId(tab).hidden = tab !== name;
		byId(`tab-${tab}`).setAttribute("aria-selected", tab === name);
	}
	/* lines of maps are long */
	if (byId("panel").classList.toggle("wide", name === "maps"))
		showMaps();
}

function currentTab() {
	return ["details", "maps", "findings"].find((tab) => !byId(tab).hidden);
}

/* ---- details ---- */

function putFacts(parent, facts) {
	const dl = element("dl");
	for (const [name, value, mono] of facts)
		if (value)
			dl.append(element("dt", "", name), element("dd", mono ? "mono" : "", value));
	parent.append(dl);
}

function rangeText(lo, hi) {
	return `${hex(lo)}-${hex(hi)} (${sizeText(hi - lo)})`;
}

/* A write by a process's number, or several. */
function writeText(w) {
	const where = w.lo < w.hi ? ` ${w.times > 1 ? "within" : "at"} ${rangeText(w.lo, w.hi)}` : "";
	return `${sinceText(w.first)} ${w.by}${where}${w.last > w.first ? `, until ${sinceText(w.last)}` : ""}`;
}

/* The event that made the entry. */
function causeFacts(row) {
	const cause = model.causes[model.rowCause[row]], r = model.rowRange[row];
	const facts = [["event", cause.tid ? `${cause.event} by thread ${cause.tid}` : cause.event]];
	if (cause.tid)
		facts.push(["caller", cause.caller || "?", true]);
	if (model.rangeHi[r] < 2 ** 63)
		facts.push(["it changed", rangeText(model.rangeLo[r], model.rangeHi[r]), true]);
	for (const f of model.facts)
		if (f.cell[row])
			facts.push([f.name, f.words ? f.words[f.cell[row] - 1] : String(f.cell[row] - 1)]);
	return facts;
}

function entryFacts(lane, e) {
	const row = model.row[e], a = attrOfEntry(e), p = model.procs[model.spaces[model.laneSpace[lane]].owner];
	const before = e > model.first[lane] ? attrOfEntry(e - 1) : null, object = a || before;
	const facts = [["time", sinceText(model.time[e]), true], ["", wallText(model.time[e])],
		       ["range", rangeText(model.laneLo[lane], model.laneHi[lane]), true],
		       ["mapping", object ? object.object.name + (object.object.deleted ? " (deleted)" : "") : "none"]];
	if (a) {
		facts.push(["offset", a.object.file ? `${hex(offsetOf(lane, e))} of ${a.object.dev} inode ${a.object.ino}` : "", true]);
		facts.push(["shared", a.flags & SHARED_FLAG ? "yes" : ""]);
		facts.push(["key", a.pkey ? `protection key ${a.pkey}` : ""]);
		facts.push(["sealed", a.flags & VMA_SEALED ? "yes" : ""]);
		facts.push(["guard region", a.flags & VMA_GUARD ? `every access faults, whatever the rights (${protText(a.flags)})` : ""]);
	}
	facts.push(...(row === NO_ROW ? [["event", "so it was when it was first seen"]] : causeFacts(row)));
	if (model.state[e] === SEVERAL)
		facts.push(["states", `${statesText(model.states[e])}, one after the other, until ${sinceText(entryEnd(lane, e))}; this page has no more of them`]);
	facts.push(["lasted", durationText(entryEnd(lane, e) - model.time[e])]);
	facts.push(["process", `${procTitle(p)}${p.exe ? `, ${p.exe}` : ""}`]);
	facts.push(...Object.entries(p.facts || {}));
	return facts;
}

function stepButtons(lane, e) {
	const back = element("button", "", "◂ change before"), on = element("button", "", "change after ▸");
	back.disabled = e <= model.first[lane];
	on.disabled = e + 1 >= model.first[lane + 1];
	back.addEventListener("click", () => stepEntry(-1));
	on.addEventListener("click", () => stepEntry(1));
	return element("div", "steps", back, on);
}

function showDetails() {
	const box = byId("details"), { lane, entry } = state;
	if (lane < 0) {
		box.replaceChildren(element("p", "hint", "Click a place in the chart: what it is, what it was before, and who changed it."));
		return;
	}
	const heading = element("h2", "");
	if (entry > model.first[lane])
		heading.append(chipOfEntry(entry - 1), "→");
	heading.append(chipOfEntry(entry), shortName(laneObject(lane)));
	box.replaceChildren(heading);
	putFacts(box, entryFacts(lane, entry));
	box.append(stepButtons(lane, entry));
	const here = model.findings.filter((f) => f.space === model.laneSpace[lane] && f.start < model.laneHi[lane] && f.end > model.laneLo[lane]);
	const writes = writesInto(lane);
	box.append(...here.map(findingButton), ...writes.slice(0, MANY_WRITES).map((w) => element("p", "write", writeText(w))));
	if (writes.length > MANY_WRITES)
		box.append(element("p", "hint", `… and ${countText(writes.length - MANY_WRITES, "more write")}`));
}

/* ---- maps ---- */

function showMaps() {
	const p = state.proc, t = state.cursor;
	if (byId("maps").hidden || !p || t === null)
		return;
	const space = spaceOfProc(p, t), there = space >= 0 && t <= p.to && !(model.full && t >= model.full);
	byId("maps-of").textContent = there ? `${procTitle(p)} at ${sinceText(t)}, as maps --plain -p ${p.pid} --at ${sinceText(t)} prints it` :
		`of ${procTitle(p)} nothing is known at ${sinceText(t)}`;
	const pre = byId("maps-text"), lines = there ? mappingsAt(space, t) : [];
	const addr = state.lane >= 0 && model.laneSpace[state.lane] === space ? model.laneLo[state.lane] : -1;
	const chosen = lines.findIndex((m) => m.start <= addr && addr < m.end), all = lines.map(mapsLine);
	if (chosen < 0) {
		pre.textContent = all.join("\n");
		return;
	}
	const mark = element("mark", "", all[chosen]);
	pre.replaceChildren(all.slice(0, chosen).map((l) => `${l}\n`).join(""), mark, all.slice(chosen + 1).map((l) => `\n${l}`).join(""));
	pre.scrollTop = mark.offsetTop - pre.offsetTop - pre.clientHeight / 2;
}

/* ---- findings ---- */

function findingButton(f) {
	const p = model.procs[f.proc], times = f.changes > 1 ? `, ${f.changes.toLocaleString("en")} times within ${durationText(f.last - f.first)}` : "";
	const button = element("button", `finding v${f.severity}${f.nr === state.finding ? " chosen" : ""}`,
		element("span", "rank", SEVERITIES[f.severity]), element("b", "", f.rule), f.technique,
		element("span", "why", f.why), element("small", "", `${sinceText(f.first)}, ${procTitle(p)}${times}`));
	button.addEventListener("click", () => goToFinding(f));
	return button;
}

function showFindings() {
	const box = byId("findings"), sorted = model.findings.slice().sort((a, b) => b.severity - a.severity || a.first - b.first);
	byId("tab-findings").textContent = `Findings ${model.findings.length.toLocaleString("en")}`;
	if (!sorted.length)
		box.replaceChildren(element("p", "hint", "No detector found anything."));
	else
		box.replaceChildren(...sorted.slice(0, 2000).map(findingButton));
	if (sorted.length > 2000)
		box.append(element("p", "hint", `… and ${sorted.length - 2000} more of no higher severity: search finds them`));
	const chosen = box.querySelector(".chosen");
	if (chosen)
		chosen.scrollIntoView({ block: "nearest" });
}

/* ---- above, below, under the mouse ---- */

function showNotices() {
	const notes = [];
	if (model.lost)
		notes.push(`${countText(model.lost, "record")} lost: what they touched is unknown, and hatched, until the next snapshot.`);
	if (model.isThin)
		notes.push(`Where a place changed often, this page has the first and the last of several changes, and the set of states between them, over the whole time` +
			(model.rowsMerged ? `: ${model.rowsMerged.toLocaleString("en")} of ${countText(model.rowsAdded, "state")} of ranges are merged.` : "."));
	if (model.spacesDropped)
		notes.push(`${countText(model.spacesDropped, "address space")} found no room in this page.`);
	if (model.rowsUnnamed)
		notes.push(`${countText(model.rowsUnnamed, "state")} of ranges have no room for what is mapped: they show as (too many mappings).`);
	if (model.rowsDropped)
		notes.push(`${countText(model.rowsDropped, "state")} of ranges found no room in this page: it knows nothing from ${sinceText(model.full)} on.`);
	if (model.procsDropped)
		notes.push(`${countText(model.procsDropped, "event")} of processes that found no room in this page.`);
	if (model.writesDropped)
		notes.push(`${countText(model.writesDropped, "write")} by others found no room in this page.`);
	if (model.findingsDropped)
		notes.push(`${countText(model.findingsDropped, "finding")} found no room in this page.`);
	byId("notices").replaceChildren(...notes.map((n) => element("p", "", n)));
	byId("what").textContent = model.what;
	document.title = `${model.what} – mprotwatch timeline`;
	byId("totals").textContent = [countText(model.changes, "change"), countText(model.failed, "failed call"),
		countText(model.findings.length, "finding"), `${model.lost.toLocaleString("en")} lost`].join(", ");
}

function showLegend() {
	const kinds = [SPAN_R, SPAN_RW, SPAN_RX, WX, SPAN_X, SPAN_W, NONE, UNKNOWN].map((s) => [1 << s, STATE_NAMES[s]]);
	kinds.push([1 << 5 | 1 << 7, "several"]);
	byId("legend").replaceChildren(...kinds.map(([mask, name]) => {
		const swatch = element("canvas"), w = swatch.width = 22, h = swatch.height = 12;
		const data = new ImageData(w, h), pixels = new Uint32Array(data.data.buffer);
		for (let i = 0; i < w * h; i++)
			pixels[i] = raster.colors[mask * STRIPE + (i % w + Math.floor(i / w)) % STRIPE];
		swatch.getContext("2d").putImageData(data, 0, 0);
		return element("span", "", swatch, name);
	}));
	if (model.writes.length)
		byId("legend").append(element("span", "", "▼ written to by the process's number"));
}

function showView() {
	byId("view").textContent = `from ${sinceText(Math.max(0, view.t0))} for ${durationText(view.span)}` +
		(state.cursor === null ? "" : `; cursor at ${sinceText(state.cursor)}, ${wallText(state.cursor)}`);
}

/* Entries of a lane that fall into the pixel at time t. */
function entriesNear(lane, t) {
	const half = view.span / chart.w / 2, out = [];
	for (let e = entryAt(lane, t - half); e < model.first[lane + 1] && model.time[e] <= t + half && out.length < 10000; e++)
		if (isWx(e) || entryEnd(lane, e) > model.time[e])
			out.push(e);
	return out;
}

function tipLines(hover) {
	const { item, lane, t, finding, writes } = hover;
	const written = writes.slice(0, FEW_WRITES).map(writeText);
	if (finding)
		return [`${SEVERITIES[finding.severity]}: ${finding.rule}`, finding.why, sinceText(finding.first), ...written];
	if (writes.length)
		return [`${countText(writes.length, "write")} here`, ...written];
	if (!item)
		return null;
	if (item.kind === "proc")
		return [procTitle(item.p), procFacts(item.p), "click: fold or unfold; bytes of it below"];
	if (item.kind === "space")
		return ["address space", "click: fold or unfold"];
	const sp = item.sp;
	if (hover.x < chart.x) {
		const r = item.region;
		return [r.object ? r.object.name + (r.object.deleted ? " (deleted)" : "") : "none", `${hex(model.laneLo[r.lane0])}-${hex(model.laneHi[r.lane1 - 1])}, ${sizeText(r.bytes)}`,
			`${countText(r.lane1 - r.lane0, "part")}, ${model.isThin ? "at least " : ""}${countText(r.changes, "change")}${r.wx ? ", was writable and executable" : ""}`];
	}
	if (t < sp.from || t > sp.to)
		return null;
	const near = entriesNear(lane, t), e = near[near.length - 1] ?? entryAt(lane, t), a = attrOfEntry(e), row = model.row[e];
	const names = statesText(near.reduce((set, n) => set | model.states[n], 0)), lines = [];
	lines.push(near.length > 1 ? `${near.length} states within this pixel: ${names}` :
		`${model.state[e] === SEVERAL ? `several: ${statesText(model.states[e])}` : a ? protText(a.flags) : STATE_NAMES[model.state[e]]} ${a ? shortName(a.object) : shortName(laneObject(lane))}`);
	lines.push(rangeText(model.laneLo[lane], model.laneHi[lane]));
	if (row !== NO_ROW) {
		const c = model.causes[model.rowCause[row]];
		lines.push(`${c.event}${c.caller ? ` by ${c.caller}` : ""} at ${sinceText(model.time[e])}`);
	}
	lines.push(`for ${durationText(entryEnd(lane, e) - model.time[e])}; mouse at ${sinceText(t)}`);
	return lines;
}

function showTip() {
	const tip = byId("tip"), lines = state.hover && !state.drag ? tipLines(state.hover) : null;
	tip.hidden = !lines;
	if (!lines)
		return;
	tip.replaceChildren(element("b", "", lines[0]), ...lines.slice(1).map((l) => element("div", "", l)));
	const { x, y } = state.hover, w = tip.offsetWidth, h = tip.offsetHeight;
	tip.style.left = `${x + 18 + w < view.width ? x + 18 : Math.max(4, x - w - 12)}px`;
	tip.style.top = `${y + 18 + h < view.height ? y + 18 : Math.max(4, y - h - 12)}px`;
}

// SPDX-License-Identifier: BSD-2-Clause
//
// browser.js DIR SHOTS: opens the pages that page.sh made in DIR in Chromium, and
// says in TAP what of them holds. Functions of the page are called by their names.
"use strict";

const { execFileSync } = require("child_process");
const { chromium } = require("playwright-core");

const [, , dir, shots] = process.argv;
let failed = false;

function holds(name, wrong) {
	console.log(`${wrong ? "not ok" : "ok"} - ${name}`);
	if (wrong)
		console.log(String(wrong).split("\n").slice(0, 20).map((l) => `# ${l.slice(0, 300)}`).join("\n"));
	failed = failed || !!wrong;
}

function equals(name, got, wanted) {
	const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
	holds(name, a === b ? "" : `got:    ${a}\nwanted: ${b}`);
}

/*
 * Waits for something of a page, a minute at most. If that is in vain, says what was waited for, and
 * what is there instead. (A page that computes without end does not answer that either.)
 */
async function within(page, what, promise, ms = 60000) {
	let timer;
	const limit = (ms) => new Promise((_, fail) => {
		timer = setTimeout(() => fail(new Error(`no end within ${ms} ms`)), ms);
	});
	const sees = () => page.evaluate(() =>
		`${document.readyState}: ${document.documentElement.outerHTML.slice(0, 300)}`);

	try {
		return await Promise.race([promise, limit(ms)]);
	} catch (err) {
		clearTimeout(timer);
		const seen = await Promise.race([sees(), limit(5000)]).catch((e) => `nothing, ${e.message}`);
		throw new Error([
			`waited in vain for ${what}: ${err.message}`, `saw ${page.url()}: ${seen}`, ...page.faults,
		].join("\n"));
	} finally {
		clearTimeout(timer);
	}
}

/* Opens a page; what it complains of or asks the network for is kept. */
async function open(browser, name, options = {}) {
	const page = await browser.newPage({ viewport: { width: 1400, height: 860 }, ...options });
	const url = `file://${dir}/${name}.html`;
	page.faults = [];
	page.on("console", (m) => page.faults.push(`console: ${m.text()}`));
	page.on("pageerror", (e) => page.faults.push(`error: ${e.stack}`));
	page.on("dialog", (d) => { page.faults.push(`dialog: ${d.message()}`); d.dismiss(); });
	page.on("request", (r) => r.url() === url || page.faults.push(`request: ${r.url()}`));
	await within(page, "the page", page.goto(url, { timeout: 0 }));
	await within(page, "html[data-ready]", page.waitForSelector("html[data-ready]", { timeout: 0 }));
	return page;
}

async function settled(page) {
	await within(page, "two frames", page.evaluate(() => new Promise((done) =>
		requestAnimationFrame(() => requestAnimationFrame(done)))));
}

async function press(page, ...keys) {
	for (const key of keys)
		await page.keyboard.press(key);
	await settled(page);
}

async function close(page, name, shot) {
	await settled(page);
	if (shot)
		await page.screenshot({ path: `${shots}/html.${shot}.png` });
	holds(`${name}: no complaint, no request`, page.faults.join("\n"));
	await page.close();
}

const viewOf = (page) => page.evaluate(() => ({ t0: view.t0, span: view.span, y: view.y }));
const textOf = (page, id) => page.evaluate((i) => document.getElementById(i).textContent, id);

async function searchFor(page, text) {
	await press(page, "/");
	await page.keyboard.type(text);
	await press(page, "Enter");
	return textOf(page, "hits");
}

/* ---- tests ---- */

async function testLive(browser) {
	const page = await open(browser, "live");
	equals("live: one process, its findings", await page.evaluate(() =>
		[model.procs.length, model.procs[0].comm, model.findings.length > 0]), [1, "flip", true]);
	equals("search by protection jumps to the first hit", await searchFor(page, "rwx"), "1 of 1");
	const details = await textOf(page, "details");
	holds("and its details say what was, what is, who and where", ["unmapped", "rwx", "[anon]", "mmap by thread", "flip+0x"]
		.filter((word) => !details.includes(word)).join(" "));
	const box = await page.locator("#stage").boundingBox();
	const place = await page.evaluate(() => {
		const sp = model.spaces[model.spaces.length - 1], lane = regionsOf(sp).find((r) => shortName(r.object) === "[heap]").lane0;
		const [y, h] = laneBox(lane);
		return { x: xOf((model.time[model.first[lane] + 1] + sp.to) / 2), y: y + h / 2 };
	});
	await page.mouse.move(box.x + place.x, box.y + place.y);
	await settled(page);
	holds("hover tells range, mapping, caller", /rw- \[heap\][0-9a-f]+-[0-9a-f]+ .*brk by .*\+0x/.test(await textOf(page, "tip")) ?
		"" : await textOf(page, "tip"));
	await page.mouse.click(box.x + place.x, box.y + place.y);
	await settled(page);
	holds("click shows the details", /unmapped→rw-\[heap\].*brk by thread/.test(await textOf(page, "details")) ?
		"" : await textOf(page, "details"));
	await close(page, "live", "light");
}

async function testMoves(browser) {
	const page = await open(browser, "all"), whole = await viewOf(page), box = await page.locator("#stage").boundingBox();
	await press(page, "+", "+");
	const near = await viewOf(page);
	holds("+ zooms in", near.span < whole.span / 2 ? "" : near.span);
	await press(page, "ArrowRight");
	holds("the right arrow goes on in time", (await viewOf(page)).t0 > near.t0 ? "" : "it does not");
	await press(page, "Home");
	const first = await viewOf(page);
	holds("Home goes to the start", first.t0 <= await page.evaluate(() => model.begin) ? "" : first.t0);
	await press(page, "End");
	const last = await viewOf(page);
	holds("End goes to the end", last.t0 + last.span >= await page.evaluate(() => model.end) && last.span === near.span ? "" : JSON.stringify(last));
	await press(page, "-", "-", "-");
	equals("- zooms out, to the whole at most", (await viewOf(page)).span, whole.span);
	await page.mouse.move(box.x + 600, box.y + 300);
	await page.mouse.wheel(0, -300);
	await settled(page);
	const wheeled = await viewOf(page);
	holds("the wheel zooms", wheeled.span < whole.span ? "" : wheeled.span);
	await page.mouse.down();
	await page.mouse.move(box.x + 500, box.y + 250, { steps: 4 });
	await page.mouse.up();
	await settled(page);
	const dragged = await viewOf(page);
	holds("dragging moves time and place", dragged.t0 > wheeled.t0 && dragged.y > wheeled.y ? "" : JSON.stringify([wheeled, dragged]));
	await press(page, "?");
	equals("? opens the help", await page.evaluate(() => document.getElementById("help").open), true);
	await press(page, "Escape");
	equals("Esc closes it", await page.evaluate(() => document.getElementById("help").open), false);
	await press(page, "0");
	const hits = await searchFor(page, "libc.so.6");
	await press(page, "n", "n", "N");
	equals("n and N go from hit to hit", await textOf(page, "hits"), hits.replace(/^1/, "2"));
	const address = await page.evaluate(() => model.laneLo[state.lane].toString(16));
	await searchFor(page, `0x${address}`);
	equals("search by address finds that range", await page.evaluate(() => model.laneLo[state.lane].toString(16)), address);
	equals("what is nowhere has no hit", await searchFor(page, "no such thing"), "no hit");
	await close(page, "several processes");
}

async function testFindings(browser) {
	const page = await open(browser, "all", { colorScheme: "dark" });
	equals("dark where that is preferred", await page.evaluate(() => document.documentElement.className), "dark");
	await page.click("#tab-findings");
	const button = page.locator("#findings .finding", { hasText: "stomp" }).first();
	const told = await button.textContent();
	await button.click();
	await settled(page);
	const [cursor, inSight, chosen] = await page.evaluate(() => {
		const f = model.findings[state.finding], [y, h] = laneBox(laneAt(f.space, f.start)), x = xOf(f.first);
		return [sinceText(state.cursor), x > chart.x && x < chart.x + chart.w && y >= chart.y - 1 && y + h <= chart.y + chart.h + 1,
			findingPlaces().some(([g]) => g === f)];
	});
	holds("a click on a finding goes to its time", told.includes(cursor) ? "" : `${told}\n${cursor}`);
	equals("and to its place, which is marked", [inSight, chosen], [true, true]);
	await page.screenshot({ path: `${shots}/html.dark.png` });
	await press(page, "t");
	equals("t turns on the light", await page.evaluate(() => document.documentElement.className), "");
	for (const colorScheme of ["light", "dark"]) {
		await page.emulateMedia({ colorScheme });
		await settled(page);
	}
	equals("a change of preference is followed", await page.evaluate(() => document.documentElement.className), "dark");
	await close(page, "findings");
}

/* Writes by a process's number: where and when they are marked, and what the mouse learns there. */
async function testWrites(browser) {
	const page = await open(browser, "writes"), box = await page.locator("#stage").boundingBox();
	for (const act of ["poke", "vm-wx"]) {
		const [x, y, place] = await page.evaluate((how) => {
			const w = model.writes.find((one) => one.by.endsWith(how) && one.lane0 < one.lane1);
			bringIntoSight(w.lane0, w.first);
			drawNow();
			const [, px, , py] = writePlaces().find(([one]) => one === w), [top, h] = laneBox(w.lane0), e = entryAt(w.lane0, w.first);
			return [px, py, { isIn: py > top && py <= top + h + 1, at: Math.abs(px - xOf(w.first)) < 1, prot: protText(attrOfEntry(e).flags) }];
		}, act === "poke" ? "with ptrace" : "with process_vm_writev");
		equals(`a write is marked where and when it was (${act})`, place, { isIn: true, at: true, prot: act === "poke" ? "r-x" : "rwx" });
		await page.mouse.move(box.x + x, box.y + y - 4);
		await settled(page);
		holds("by whom is under the mouse", /written (\d+ times )?by .*write \d+ with .* (at|within) [0-9a-f]+-/.test(await textOf(page, "tip")) ?
			"" : await textOf(page, "tip"));
		await page.screenshot({ path: `${shots}/html.write-${act}.png` });
		await page.mouse.click(box.x + x, box.y + y - 4);
		await settled(page);
		holds("and in the details of the lane", /written .*by .*write \d+ with/.test(await textOf(page, "details")) ? "" : await textOf(page, "details"));
	}
	equals("each write of the recording is on the page", await page.evaluate(() => model.writes.reduce((n, w) => n + w.times, 0)),
	       Number(execFileSync(process.env.MPROTWATCH, ["query", "-i", `${dir}/writes.rec`, "SELECT count(*) FROM writes WHERE errno IS NULL"], { encoding: "utf8" })
		       .match(/\d+/)[0]));
	equals("where a process is folded, its line has them", await page.evaluate(() => {
		const w = model.writes.find((one) => one.lane0 < one.lane1), p = model.procs[model.spaces[w.space].owner];
		bringIntoSight(w.lane0, w.first);
		layout.closed.add(p.nr);
		placeAll();
		view.y = layout.procs.get(p.nr) - 40;
		drawNow();
		const y = chart.y + layout.procs.get(p.nr) - view.y;
		return writePlaces().some(([one, , , py]) => one === w && py > y && py <= y + PROC_H);
	}), true);
	await close(page, "writes", "writes");
}

/* At moments of all processes: what the panel says is what the program says. */
async function testMaps(browser) {
	const page = await open(browser, "all"), wrong = [];
	await press(page, "m");
	const moments = await page.evaluate(() => model.procs.flatMap((p) => [0.02, 0.5, 0.9, 1]
		.map((part) => [p.nr, p.pid, Math.floor(p.from + part * (p.to - p.from) - (part === 1 ? 1 : 0))])));
	for (const [nr, pid, t] of moments) {
		const [at, lines] = await page.evaluate(([n, time]) => {
			state.proc = model.procs[n];
			state.cursor = time;
			showMaps();
			return [sinceText(time), document.getElementById("maps-text").textContent];
		}, [nr, t]);
		const said = execFileSync(process.env.MPROTWATCH, ["maps", "--plain", "-i", `${dir}/all.rec`, "-p", String(pid), "--at", at], { encoding: "utf8" });
		if (said.trimEnd() !== lines)
			wrong.push(`pid ${pid} at ${at}`, ...said.trimEnd().split("\n").filter((l) => !lines.includes(l)).slice(0, 3),
				   ...lines.split("\n").filter((l) => !said.includes(l)).slice(0, 3).map((l) => `page: ${l}`));
	}
	holds(`the panel's mappings are those of "maps --at" (${moments.length} moments)`, wrong.join("\n"));
	await close(page, "maps", "maps");
}

async function testHostile(browser) {
	const page = await open(browser, "hostile");
	await searchFor(page, "onerror");
	holds("a hostile name is shown as it is", (await textOf(page, "details")).includes("</script><img src=x onerror=alert(1)>") ?
		"" : await textOf(page, "details"));
	equals("and is nothing but text", await page.evaluate(() => [document.images.length, document.scripts.length,
		document.getElementById("what").children.length]), [0, 1, 0]);
	equals("the page's policy allows nothing else", await page.evaluate(() => {
		const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]").content, script = document.createElement("script");
		script.textContent = "document.title = 'run'";
		document.body.append(script);
		return [policy.startsWith("default-src 'none'; script-src 'sha256-"), policy.includes("unsafe"), document.title === "run"];
	}), [true, false, false]);
	page.faults = page.faults.filter((f) => !/Content.Security.Policy/i.test(f)); /* of that script */
	await close(page, "hostile names", "hostile");
}

/* What is drawn against every entry: no state that lasted is missed, nothing else is shown. */
function drawnIsTrue() {
	const wrong = [], width = 64;
	raster.line = new Uint16Array(width);
	for (let n = 0; n < 400; n++) {
		const lane = n * 7919 % model.laneLo.length, sp = model.spaces[model.laneSpace[lane]], whole = sp.to - sp.from;
		const span = Math.max(64, whole / [1, 10, 1000][n % 3]), t0 = sp.from + whole * (n * 0.618 % 1) - span / 2, k = width / span;
		raster.line.fill(0);
		gatherLane(lane, t0, k, width, Infinity, null);
		const wanted = new Uint16Array(width);
		for (let e = model.first[lane]; e < model.first[lane + 1]; e++) {
			const from = model.time[e], to = Math.min(entryEnd(lane, e), sp.to);
			if ((to <= from && !isWx(e)) || to < t0 || from >= t0 + span)
				continue;
			const x0 = Math.max(0, Math.floor((from - t0) * k)), x1 = Math.min(width, Math.max(x0 + 1, Math.ceil((to - t0) * k)));
			for (let x = x0; x < x1; x++)
				wanted[x] |= model.states[e];
		}
		if (wanted.join() !== raster.line.join())
			wrong.push(`lane ${lane} from ${t0} for ${span}`);
	}
	image.data = null;
	return wrong.join("\n");
}

/* Lanes with room for few entries, against those with room for all, at many moments. */
function thinIsTrue() {
	const { first, time, states } = model, wrong = [];
	limits.entries = 200000;
	fillLanes();
	if (model.time.length > limits.entries || !model.isThin)
		wrong.push(`${model.time.length} entries`);
	for (let lane = 0; lane < model.laneLo.length; lane++) {
		const sp = model.spaces[model.laneSpace[lane]], last = first[lane + 1] - 1;
		if (model.time[model.first[lane + 1] - 1] !== time[last])
			wrong.push(`lane ${lane} ends at ${model.time[model.first[lane + 1] - 1]}, not at ${time[last]}`);
		for (let n = 0; n < 40; n++) {
			const t = sp.from + (sp.to - sp.from) * n / 39, was = states[above(time, first[lane], first[lane + 1], t) - 1];
			if (n && (model.states[entryAt(lane, t)] & was) !== was)
				wrong.push(`lane ${lane} at ${t}: ${model.states[entryAt(lane, t)]}, not ${was}`);
		}
	}
	return wrong.slice(0, 5).join("\n");
}

async function testMillion(browser) {
	const page = await open(browser, "million");
	equals("a million changes are there", await page.evaluate(() => model.rowTime.length >= 1e6 && model.nrRows === model.rowTime.length), true);
	holds("pixels have the states of all entries in them", await page.evaluate(drawnIsTrue));
	await press(page, "0", "+", "+", "ArrowRight");
	holds("search finds half of them", /^1 of 50\d,\d{3}$/.test(await searchFor(page, "rw-")) ? "" : await textOf(page, "hits"));
	holds("with room for a fifth of them: to the end, the same states, or several with these among them", await page.evaluate(thinIsTrue));
	holds("and pixels have the states of all entries in them", await page.evaluate(drawnIsTrue));
	await close(page, "a million changes", "million");
}

async function testLoss(browser) {
	const page = await open(browser, "loss");
	holds("losses are told above", /lost: what they touched is unknown/.test(await textOf(page, "notices")) ? "" : await textOf(page, "notices"));
	equals("and are unknown until a snapshot", await page.evaluate(() => {
		const lost = model.losses[0][0];
		return [...model.state.keys()].some((e) => model.state[e] === UNKNOWN && model.row[e] !== NO_ROW && model.time[e] >= lost);
	}), true);
	holds("pixels have the states of all entries in them there too", await page.evaluate(drawnIsTrue));
	await close(page, "losses", "loss");
}

async function main() {
	const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
	try {
		for (const test of [testLive, testMoves, testFindings, testWrites, testMaps, testHostile, testMillion, testLoss])
			await test(browser).catch((err) => holds(`${test.name} ends`, err.stack));
	} finally {
		await browser.close();
	}
	process.exit(failed ? 1 : 0);
}

main();

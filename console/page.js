// SPDX-License-Identifier: ISC
// page.js - draw what /api tells, every few seconds
//
// Text from outside is set as text, never as markup.  Rows keep their elements
// from one look to the next, so that neither the focus nor a selection is lost.
"use strict";

const LOOK_MS = 5000;		// between two looks
const NARROW = matchMedia("(max-width: 46rem)");
const LINKS_SHOWN = NARROW.matches ? 10 : 50;	// before the button
const PROBLEMS_SHOWN = 8;	// before the others
const WAYS_SHOWN = 3;		// messages whose way is shown at once
const QUEUE_SHOWN = 20;		// links in the chart
const AGES = ["hour", "day", "week", "older"];
const AGE_NAMES = ["up to an hour", "a day", "a week", "older"];
const SVG = "http://www.w3.org/2000/svg";

const page = {look: null, all: false, filter: "", rows:
    new Map(), shown: null, lost: 0};

// --- words -----------------------------------------------------------------

function byId(id) {
	return document.getElementById(id);
}

// element - make an element with text and attributes
function element(name, text, attributes) {
	const made = document.createElement(name);

	if (text !== undefined && text !== null)
		made.textContent = text;
	for (const key of Object.keys(attributes || {}))
		made.setAttribute(key, attributes[key]);
	return made;
}

// setText - change a text only if it is another
function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

function plural(count, one, many) {
	return count.toLocaleString() + " " + (count === 1 ? one : many);
}

// span - put seconds into words
function span(seconds) {
	const s = Math.max(0, Math.round(seconds));

	if (s < 60)
		return s + " s";
	if (s < 3600)
		return Math.floor(s / 60) + " min";
	if (s < 86400)
		return Math.floor(s / 3600) + " h " +
		    Math.floor(s % 3600 / 60) + " min";
	return Math.floor(s / 86400) + " d " +
	    Math.floor(s % 86400 / 3600) + " h";
}

function ago(time, now) {
	if (!time)
		return "";
	return time > now ? "in " + span(time - now) : span(now - time) +
	    " ago";
}

function size(octets) {
	const units = ["octets", "K", "M", "G", "T"];
	let i = 0, n = octets;

	for (; n >= 1024 && i < units.length - 1; i++)
		n /= 1024;
	return (i === 0 ? n : n.toFixed(1)) + " " + units[i];
}

function delay(ms) {
	return ms < 1000 ? ms + " ms" : ms < 60000 ?
	    (ms / 1000).toFixed(1) + " s" : span(ms / 1000);
}

// moment - make an element that tells a time
function moment(seconds) {
	const date = new Date(seconds * 1000);
	const two = (n) => String(n).padStart(2, "0");

	return element("time", date.getFullYear() + "-" +
	    two(date.getMonth() + 1) + "-" + two(date.getDate()) + " " +
	    two(date.getHours()) + ":" + two(date.getMinutes()) + ":" +
	    two(date.getSeconds()), {datetime: date.toISOString()});
}

// --- problems --------------------------------------------------------------

function problemItem(problem, now) {
	const item = element("li");

	item.append(element("strong", problem.text));
	if (problem.since)
		item.append(" (" + ago(problem.since, now) + ")");
	item.append(element("br"), "This helps: ",
	    element("code", problem.command));
	return item;
}

// drawProblems - draw the problems, the first ones open
function drawProblems(look) {
	const items = look.problems.map((problem) =>
	    problemItem(problem, look.time));
	const others = byId("problem-others");

	if (items.length === 0)
		items.push(element("li", "No problems.", {class: "none"}));
	byId("problem-list").replaceChildren(
	    ...items.slice(0, PROBLEMS_SHOWN));
	others.hidden = items.length <= PROBLEMS_SHOWN;
	setText(byId("problem-count"), plural(items.length - PROBLEMS_SHOWN,
	    "more problem", "more problems"));
	byId("problem-rest").replaceChildren(...items.slice(PROBLEMS_SHOWN));
}

function drawState(look) {
	const state = byId("state"), count = look.problems.length;

	setText(state, count === 0 ? "all well" :
	    plural(count, "problem", "problems"));
	state.className = "pill " + (count === 0 ? "good" : "bad");
	setText(byId("mta"), look.mta);
	setText(byId("version"), "Fourpost " + look.version + ".");
	document.title = (count === 0 ? "" : "(" + count + ") ") + look.mta +
	    " - Fourpost";
}

// --- links -----------------------------------------------------------------

function stateClass(link) {
	if (link.open_failures > 0 || link.state === "failed")
		return "state-bad";
	if (link.state === "up" || link.state === "bound")
		return "state-good";
	return link.state === "idle" ? "" : "state-wait";
}

// passed - tell what passed in all, and in the last minute
function passed(link, field) {
	const minute = link[field + "_minute"];

	return link[field].toLocaleString() +
	    (minute ? " (" + minute.toLocaleString() + "/min)" : "");
}

function lastError(link, now) {
	if (!link.last_error)
		return "";
	return link.last_error + (link.last_error_time ? ", " +
	    ago(link.last_error_time, now) : "") + (link.next_open ?
	    "; next attempt " + ago(link.next_open, now) : "");
}

const COLUMNS = [
	["Link", "name", null],
	["State", "name", (link) => link.state],
	["Queued", "number", (link) => link.queued.toLocaleString()],
	["Oldest", "when", (link, look) => {
		return link.queued > 0 ? ago(link.oldest, look.time) : "";
	}],
	["Associations", "number", (link) => String(link.associations)],
	["Sent", "number", (link) => passed(link, "messages_out")],
	["Received", "number", (link) => passed(link, "messages_in")],
	["Last error", "", (link, look) => lastError(link, look.time)],
];

// linkRow - find or make the row of a link
function linkRow(name) {
	let row = page.rows.get(name);

	if (row)
		return row;
	row = element("tr", null, {role: "row"});
	for (const [label, kind] of COLUMNS) {
		const cell = element("td", null, {role: "cell",
		    "data-label": label});

		if (kind)
			cell.className = kind;
		row.append(cell);
	}
	const button = element("button", name, {type: "button",
	    class: "link", "aria-expanded": "false",
	    "aria-controls": "link-messages"});

	button.addEventListener("click", () => showLink(name));
	row.cells[0].append(button);
	row.cells[0].setAttribute("role", "rowheader");
	page.rows.set(name, row);
	return row;
}

function drawLink(link, look) {
	const row = linkRow(link.name);

	COLUMNS.forEach((column, i) => {
		if (column[2])
			setText(row.cells[i], column[2](link, look));
	});
	row.cells[1].className = "name " + stateClass(link);
	row.className = link.open_failures > 0 ? "failing" : "";
	return row;
}

// order - the links that need somebody first
function order(a, b) {
	return (b.open_failures > 0) - (a.open_failures > 0) ||
	    b.queued - a.queued || b.active - a.active ||
	    a.name.localeCompare(b.name);
}

function drawLinks(look) {
	const filter = page.filter.toLowerCase();
	const wanted = look.links.filter((link) => link.name.toLowerCase().
	    includes(filter) || link.state.includes(filter)).sort(order);
	const shown = page.all ? wanted : wanted.slice(0, LINKS_SHOWN);
	const body = byId("link-rows"), more = byId("link-more");
	const rows = shown.map((link) => drawLink(link, look));

	// Rows move only where the order has changed.
	rows.forEach((row, i) => {
		if (body.rows[i] !== row)
			body.insertBefore(row, body.rows[i] || null);
	});
	while (body.rows.length > rows.length)
		body.rows[rows.length].remove();
	setText(byId("link-count"), wanted.length === shown.length ?
	    plural(wanted.length, "link", "links") : shown.length + " of " +
	    plural(wanted.length, "link", "links") +
	    ", those in trouble and with the longest queues first");
	more.hidden = wanted.length <= LINKS_SHOWN;
	setText(more, page.all ? "Show the first " + LINKS_SHOWN :
	    "Show all " + wanted.length);
}

// showLink - show what is queued for a link, or hide it
async function showLink(name) {
	const region = byId("link-messages");
	const again = page.shown === name;

	for (const row of page.rows.values())
		row.querySelector("button").setAttribute("aria-expanded",
		    String(!again && row === page.rows.get(name)));
	page.shown = again ? null : name;
	region.replaceChildren();
	if (again)
		return;
	region.append(element("h3", "Queued for " + name));
	try {
		const answer = await ask("/api/queue", {link: name, limit: 50});

		if (page.shown !== name)
			return;
		if (answer.rows.length === 0)
			region.append(element("p", "Nothing is queued."));
		for (const message of answer.rows)
			region.append(queuedMessage(message));
		if (answer.more)
			region.append(element("p",
			    "The first 50; x4queue list shows all.",
			    {class: "help"}));
	} catch (error) {
		region.append(element("p", error.message,
		    {class: "problem"}));
	}
	region.scrollIntoView({block: "nearest"});
}

// --- the queue by age ------------------------------------------------------

// bar - draw how old the messages of a link are
function bar(counts, most) {
	const svg = document.createElementNS(SVG, "svg");
	let x = 0;

	svg.setAttribute("viewBox", "0 0 1000 20");
	svg.setAttribute("preserveAspectRatio", "none");
	svg.setAttribute("role", "img");
	svg.setAttribute("aria-label", counts.map((n, i) => n > 0 ? n + " " +
	    AGE_NAMES[i] : "").filter((text) => text).join(", "));
	counts.forEach((count, i) => {
		const rect = document.createElementNS(SVG, "rect");
		const width = count > 0 ?
		    Math.max(4, count * 1000 / most) : 0;

		rect.setAttribute("x", x);
		rect.setAttribute("width", width);
		rect.setAttribute("height", 20);
		rect.setAttribute("class", "age-" + AGES[i]);
		svg.append(rect);
		x += width;
	});
	return svg;
}

function queueRow(name, counts, total, most) {
	const row = element("tr", null, {role: "row"});
	const cell = element("td", null, {role: "cell", class: "bar"});

	cell.append(bar(counts, most));
	row.append(element("td", name, {role: "rowheader"}), cell,
	    element("td", total.toLocaleString(), {role: "cell",
	    class: "number"}));
	return row;
}

function drawQueue(look) {
	const body = byId("queue-rows");
	const links = look.summary.filter((row) => row.messages > 0).
	    sort((a, b) => b.messages - a.messages);
	const most = links.length > 0 ? links[0].messages : 1;
	const rows = links.slice(0, QUEUE_SHOWN).map((row) =>
	    queueRow(row.link, AGES.map((age) => row[age]), row.messages,
	    most));
	const others = links.slice(QUEUE_SHOWN);

	if (others.length > 0) {
		const counts = AGES.map((age) =>
		    others.reduce((sum, row) => sum + row[age], 0));
		const total = counts.reduce((a, b) => a + b, 0);

		rows.push(queueRow(plural(others.length, "other link",
		    "other links"), counts, total, Math.max(most, total)));
	}
	if (rows.length === 0) {
		const row = element("tr", null, {role: "row"});

		row.append(element("td", "Nothing is queued.",
		    {role: "cell"}));
		rows.push(row);
	}
	body.replaceChildren(...rows);
}

// --- throughput ------------------------------------------------------------

function svgElement(name, attributes, text) {
	const made = document.createElementNS(SVG, name);

	for (const key of Object.keys(attributes))
		made.setAttribute(key, attributes[key]);
	if (text !== undefined)
		made.textContent = text;
	return made;
}

function clock(seconds) {
	const date = new Date(seconds * 1000);

	return String(date.getHours()).padStart(2, "0") + ":" +
	    String(date.getMinutes()).padStart(2, "0");
}

// sum - add up what is known
function sum(numbers) {
	return numbers.reduce((all, n) => all + (n || 0), 0);
}

// drawChart - draw what passed: bars sent, a line received
function drawChart(id, series) {
	const width = 600, height = 160, left = 44, bottom = 20, top = 8;
	const count = series.out.length;
	const most = Math.max(1, ...series.out, ...series.in);
	const x = (i) => left + i * (width - left) / count;
	const y = (n) => height - bottom - n * (height - bottom - top) / most;
	const svg = svgElement("svg", {viewBox: "0 0 " + width + " " + height,
	    role: "img", "aria-label": sum(series.out) + " sent, " +
	    sum(series.in) + " received, at most " + most + " in a step"});
	let line = "", pen = "M";

	for (const n of [0, most]) {
		svg.append(svgElement("line", {x1: left, x2: width, y1: y(n),
		    y2: y(n), class: "axis"}));
		svg.append(svgElement("text", {x: left - 6, y: y(n) + 4,
		    "text-anchor": "end"}, n.toLocaleString()));
	}
	series.out.forEach((n, i) => {
		if (n > 0)
			svg.append(svgElement("rect", {x: x(i) + 0.5,
			    y: y(n), height: height - bottom - y(n), width:
			    Math.max(1, (width - left) / count - 1),
			    class: "out"}));
	});
	series.in.forEach((n, i) => {
		if (n === null) {
			pen = "M";
			return;
		}
		line += pen + (x(i) + (width - left) / count / 2) + " " + y(n);
		pen = "L";
	});
	if (line)
		svg.append(svgElement("path", {d: line, class: "in"}));
	for (const i of [0, count / 2, count - 1])
		svg.append(svgElement("text", {x: x(i), y: height - 5,
		    "text-anchor": i === 0 ? "start" : i === count - 1 ?
		    "end" : "middle"}, clock(series.from + i * series.step)));
	byId(id).replaceChildren(svg, element("p", sum(series.out).
	    toLocaleString() + " sent (" + size(sum(series.octets_out)) +
	    "), " + sum(series.in).toLocaleString() + " received (" +
	    size(sum(series.octets_in)) + ")" + (series.out.includes(null) ?
	    "; known since " + clock(series.from +
	    series.out.lastIndexOf(null) * series.step + series.step) : ""),
	    {class: "help"}));
}

// --- processes -------------------------------------------------------------

function drawWorkers(look) {
	byId("worker-rows").replaceChildren(...look.workers.map((worker) => {
		const row = element("tr", null, {role: "row"});
		const cells = [["Process", worker.name, ""],
		    ["Pid", worker.pid || "", "number"],
		    ["State", worker.state, ""],
		    ["Since", ago(worker.since, look.time), "when"],
		    ["Restarts", worker.restarts, "number"],
		    ["Last exit", worker.last_exit, ""]];

		for (const [label, text, kind] of cells)
			row.append(element("td", String(text), {role: "cell",
			    "data-label": label, class: kind}));
		return row;
	}));
}

// --- where is my message ---------------------------------------------------

// What happened, the word before its link, the word before its other.
const EVENTS = {
	arrival: ["arrived", "from", ""],
	copy: ["queued", "for", ""],
	transfer: ["transferred", "to", ""],
	delivery: ["delivered", "to", ""],
	report: ["not delivered", "", "report"],
	hold: ["held", "on", ""],
	release: ["released", "", ""],
	reroute: ["rerouted", "to", "from"],
	redirection: ["redirected", "", "to"],
	expansion: ["list expanded", "", ""],
	deletion: ["deleted without a report", "", ""],
	"return": ["returned to its originator", "", ""],
	expiry: ["expired", "", ""],
	discard: ["report went no further", "", ""],
	quarantine: ["quarantined", "on", ""],
	failure: ["given up", "on", ""],
};
const GOOD = ["transfer", "delivery"];
const BAD = ["report", "hold", "deletion", "return", "expiry", "quarantine",
    "failure"];

function addresses(recipients, count) {
	const names = (recipients || []).map((one) => one.address);
	const more = (count || names.length) - names.length;

	return names.join(", ") + (more > 0 ? " and " + more + " more" : "");
}

// tell - put an event into words
function tell(event) {
	const [word, link, other] = EVENTS[event.event] ||
	    [event.event, "", ""];
	let text = word;

	if (event.link && link)
		text += " " + link + " " + event.link;
	if (event.other)
		text += " " + (other ? other + " " : "") + event.other;
	if (event.recipients)
		text += ": " + addresses(event.recipients,
		    event.recipient_count);
	if (event.delay !== undefined && GOOD.includes(event.event))
		text += ", " + delay(event.delay) + " after it came";
	if (event.delay_queue !== undefined &&
	    event.delay_transfer !== undefined)
		text += " (waited " + delay(event.delay_queue) +
		    ", transfer " + delay(event.delay_transfer) + ")";
	if (event.text)
		text += ", " + event.text;
	if (event.reason !== undefined)
		text += " (reason " + event.reason +
		    (event.diagnostic !== undefined ? ", diagnostic " +
		    event.diagnostic : "") + ")";
	if (event.by)
		text += ", by " + event.by;
	return text;
}

// facts - list what a message is
function facts(pairs) {
	const list = element("dl");

	for (const [name, value] of pairs)
		if (value)
			list.append(element("dt", name), element("dd", value));
	return list;
}

// byMessage - put the rows of a message, one for each machine that it was on,
// together: the machine that had it first, with all that happened by time
function byMessage(rows) {
	const messages = new Map();

	for (const row of rows) {
		const id = row.mts_id + "/" + row.kind;

		messages.set(id, [...(messages.get(id) || []), row]);
	}
	return [...messages.values()].map((all) => {
		all.sort((a, b) => a.arrival - b.arrival);
		return {...all[0], machines: all, events: all.flatMap((one) =>
		    (one.events || []).map((event) => ({...event,
		    machine: one.machine}))).sort((a, b) => a.time - b.time)};
	});
}

// machineStates - tell how a message stands on each machine that is named
function machineStates(message) {
	return message.machines.filter((one) => one.machine).map((one) =>
	    one.machine + ": " + (one.state || "nothing is known")).join(", ");
}

// trackedMessage - make the whole way of a message
function trackedMessage(message, open) {
	const article = element("article", null, {class: "message"});
	const details = element("details");
	const way = element("ol", null, {class: "timeline",
	    "aria-label": "What happened"});

	article.append(element("h3", message.kind + " " + message.mts_id));
	article.append(facts([["From", message.originator],
	    ["To", addresses(message.recipients, message.recipient_count)],
	    ["Machines", machineStates(message)],
	    ["Subject", message.subject],
	    ["Content identifier", message.content_id],
	    ["Size", message.size ? size(message.size) : ""],
	    ["Priority", message.priority === "normal" ? "" :
	    message.priority]]));
	for (const event of message.events || []) {
		const item = element("li", null, {class:
		    GOOD.includes(event.event) ? "good" :
		    BAD.includes(event.event) ? "bad" : ""});

		item.append(moment(event.time));
		if (event.machine)
			item.append(element("span", event.machine,
			    {class: "machine"}), " ");
		item.append(tell(event));
		way.append(item);
	}
	details.open = open;
	details.append(element("summary", plural((message.events || []).length,
	    "event", "events")), way);
	article.append(details);
	return article;
}

// queuedMessage - make a message that is in the queue
function queuedMessage(message) {
	const article = element("article", null, {class: "message"});
	const arrival = facts([["From", message.originator],
	    ["To", addresses(message.recipients, message.recipient_count)],
	    ["State", message.state], ["Waits", (message.why ||
	    message.reason || "").replace(/^waits: /, "")], ["Attempts", String(message.attempts)]]);

	if (message.arrival) {
		const when = element("dd");

		when.append(moment(message.arrival));
		arrival.append(element("dt", "Arrived"), when);
	}
	article.append(element("h3", message.kind + " " + message.id + ", " +
	    message.mts_id), arrival);
	return article;
}

// ask - ask for a path with parameters: the answer, or an error in words
async function ask(path, parameters) {
	const text = new URLSearchParams(parameters).toString();
	const response = await fetch(path + (text ? "?" + text : ""),
	    {credentials: "same-origin"});
	let answer = {};

	if (response.status === 401) {
		location.reload();
		throw new Error("A token is needed.");
	}
	try {
		answer = await response.json();
	} catch (error) {
		answer.error = "The console gave no answer that is understood.";
	}
	if (!response.ok)
		throw new Error(answer.error || "HTTP " + response.status);
	return answer;
}

// questions - make the requests that a search needs
function questions(form) {
	const text = form.text.value.trim(), as = form.as.value;
	const rest = {limit: 50};
	const id = as === "id" || as === "either" &&
	    /^\[.*\]$|^[0-9]+$/.test(text);

	for (const name of ["since", "until"])
		if (form[name].value)
			rest[name] = Math.floor(new Date(form[name].value).
			    getTime() / 1000) + (name === "until" ? 59 : 0);
	if (id)
		return [{id: text}];
	if (as !== "either")
		return [{[as]: text, ...rest}];
	return [{to: text, ...rest}, {from: text, ...rest}];
}

// findQueued - look for a message that was not tracked in the queue
async function findQueued(question) {
	if (question.id !== undefined)
		return /^[0-9]+$/.test(question.id) ?
		    ask("/api/show", {id: question.id}) :
		    ask("/api/queue", {mts: question.id});
	if (question.to === undefined && question.from === undefined)
		return {rows: []};
	return ask("/api/queue", {limit: 50, ...(question.to !== undefined ?
	    {to: question.to} : {from: question.from})});
}

// collect - have all questions answered by one way of asking; a failure of all
// is a failure
async function collect(asked, how) {
	const answers = await Promise.allSettled(asked.map(how));
	const rows = new Map();
	let more = false, note = "";

	if (answers.every((one) => one.status === "rejected"))
		throw answers[0].reason;
	for (const one of answers)
		if (one.status === "fulfilled") {
			one.value.rows.forEach((row) => rows.set(row.mts_id +
			    "/" + row.kind + "/" + row.machine, row));
			more = more || one.value.more;
			note = note || one.value.note;
		}
	return {rows: [...rows.values()].sort((a, b) => b.arrival -
	    a.arrival), more: more, note: note};
}

function drawFound(found, make) {
	const answer = byId("search-answer");
	const nodes = [element("p", found.rows.length === 0 ?
	    "No such message was found." : (found.more ? "The newest " : "") +
	    plural(found.rows.length, "message", "messages") +
	    (found.more ? "; say more of the address, or a time." : "."))];

	if (found.note)
		nodes.unshift(element("p", found.note, {class: "problem"}));
	for (const row of found.rows)
		nodes.push(make(row, found.rows.length <= WAYS_SHOWN));
	answer.replaceChildren(...nodes);
}

async function search(form) {
	const answer = byId("search-answer");
	const asked = questions(form);

	answer.replaceChildren(element("p", "Searching."));
	try {
		const found = await collect(asked,
		    (question) => ask("/api/track", question));

		if (found.rows.length > 0) {
			found.rows = byMessage(found.rows);
			drawFound(found, trackedMessage);
			return;
		}
		drawFound(await collect(asked, findQueued), queuedMessage);
	} catch (error) {
		answer.replaceChildren(element("p", error.message,
		    {class: "problem"}));
	}
}

// searchHash - search for what the address of the page ends with, so that an
// answer can be shared: #find=TEXT
function searchHash() {
	const form = byId("search-form");

	if (!location.hash.startsWith("#find="))
		return;
	try {
		form.text.value = decodeURIComponent(location.hash.slice(6));
	} catch (error) {
		return;
	}
	search(form);
}

// --- live ------------------------------------------------------------------

function draw(look) {
	page.look = look;
	page.lost = 0;
	drawState(look);
	drawProblems(look);
	drawLinks(look);
	drawQueue(look);
	drawChart("chart-hour", look.throughput.hour);
	drawChart("chart-day", look.throughput.day);
	drawWorkers(look);
	setText(byId("updated"), "as of " + clock(look.time));
	if (!document.documentElement.dataset.drawn)
		document.documentElement.dataset.drawn =
		    Math.round(performance.now());
}

// lose - say that what is shown is old
function lose(error) {
	const state = byId("state");

	page.lost++;
	setText(state, "no connection");
	state.className = "pill wait";
	setText(byId("updated"), error.message + (page.look ?
	    "; what you see is of " + clock(page.look.time) : ""));
}

async function look() {
	// A page that nobody sees asks for nothing.
	if (!document.hidden) {
		try {
			draw(await ask("/api/status", {}));
		} catch (error) {
			lose(error);
		}
	}
	setTimeout(look, Math.min(LOOK_MS * (1 + page.lost), 60000));
}

function keys(event) {
	const within = event.target.closest("input, select, textarea");

	if (within || event.ctrlKey || event.altKey || event.metaKey)
		return;
	const target = {"/": "search-text", p: "problems", l: "link-filter"}[
	    event.key];

	if (target) {
		event.preventDefault();
		byId(target).focus();
		byId(target).scrollIntoView({block: "nearest"});
	}
}

byId("search-form").addEventListener("submit", (event) => {
	event.preventDefault();
	search(event.target);
});
byId("link-filter").addEventListener("input", (event) => {
	page.filter = event.target.value.trim();
	if (page.look)
		drawLinks(page.look);
});
byId("link-more").addEventListener("click", () => {
	page.all = !page.all;
	if (page.look)
		drawLinks(page.look);
});
document.addEventListener("keydown", keys);
addEventListener("hashchange", searchHash);
searchHash();
look();

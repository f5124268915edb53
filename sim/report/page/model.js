"use strict";
// What is in `data`, see page in html.go, and how it is arranged in rows.
const FROM = 0, LENGTH = 1, CLASS = 2, STATUS = 3, RUN = 4, ATTEMPTS = 5, WHY = 6, EXIT = 7, WAITS = 8, FLAGS = 9, WIDTH = 10;
const STARTED = 1, DOWN = 2, CAUSE = 4;
const element = (id) => document.getElementById(id);
const look = (lane, i) => data.looks[lane.spans[i + CLASS]];
const status = (lane, i) => data.statuses[lane.spans[i + STATUS]];
const cause = (lane, i) => data.causes[Math.floor(lane.spans[i + FLAGS] / CAUSE)];
const restarted = (lane, i) => cause(lane, i) !== "none";
const total = Math.max(1, data.length);
const commands = data.marks.filter((mark) => mark.command);
const events = data.marks.filter((mark) => !mark.command);

// The group of a lane is the last part of its name without its number.
const group = (name) => name.slice(name.lastIndexOf("/") + 1).replace(/-\d+$/, "");
const above = (name) => name.slice(0, Math.max(0, name.lastIndexOf("/")));

// What is counted about each lane, once.
const restarts = [];
const present = new Set();
for (const [index, lane] of data.lanes.entries()) {
  Object.assign(lane, { index, restarts: 0, down: 0, commands: [] });
  for (let i = 0; i < lane.spans.length; i += WIDTH) {
    if (lane.spans[i + LENGTH] > 0) present.add(lane.spans[i + CLASS]);
    if (restarted(lane, i)) {
      lane.restarts++;
      restarts.push({ at: lane.spans[i + FROM], command: cause(lane, i) === "command" });
    }
    if (lane.spans[i + FLAGS] & DOWN) lane.down += lane.spans[i + LENGTH];
  }
}
restarts.sort((a, b) => a.at - b.at);
const laneOf = new Map(data.lanes.map((lane) => [lane.name, lane]));
for (const mark of commands) if (laneOf.has(mark.lane)) laneOf.get(mark.lane).commands.push(mark);

// A row is what is drawn in one line: a lane, all lanes of a group, all commands or outages, or some of them. Those with rows
// below can be folded.
function row(kind, label, more) { return Object.assign({ kind, label, rows: [], folded: false, depth: 0 }, more); }

// Rows of the same label become one.
function collect(kind, items, label) {
  const found = new Map();
  for (const item of items) {
    const name = label(item);
    if (!found.has(name)) found.set(name, row(kind, name, { items: [] }));
    found.get(name).items.push(item);
  }
  return [...found.values()];
}

// What a command is, for all tasks of a group alike.
const what = (mark) => mark.lane ? mark.command + " " + group(mark.lane) : mark.text;

// What stands on the axis, where it stays in view: commands and outages, each folded into one row.
function axisRows() {
  const kinds = [];
  if (commands.length) kinds.push(row("commands", "commands", { items: commands, rows: collect("commands", commands, what), folded: true }));
  if (data.outages.length) {
    const rows = collect("outages", data.outages, (outage) => outage.name);
    kinds.push(row("outages", "outages", { items: data.outages, rows, folded: true }));
  }
  return kinds;
}

// So many tasks of a group are worth a row for all of them.
const SEVERAL = 4;

// The tasks as a tree: supervisors with their tasks below them, and groups with their members.
function taskRows() {
  const rowOf = new Map(), top = row("lanes", "tasks", { lanes: [] });
  for (const lane of data.lanes) rowOf.set(lane.name, row("lane", lane.name, { lane, lanes: [lane] }));
  const place = (lane) => {
    let parent = rowOf.get(above(lane.name)) || top;
    const siblings = members.get(key(lane));
    if (siblings.length >= SEVERAL) {
      if (!rowOf.has(key(lane))) {
        const prefix = above(lane.name) ? above(lane.name) + "/" : "";
        const all = row("lanes", prefix + group(lane.name), { lanes: [] });
        rowOf.set(key(lane), all);
        parent.rows.push(all);
      }
      parent = rowOf.get(key(lane));
    }
    parent.rows.push(rowOf.get(lane.name));
  };
  const members = new Map(), key = (lane) => "\n" + above(lane.name) + "\n" + group(lane.name);
  for (const lane of data.lanes) {
    if (!members.has(key(lane))) members.set(key(lane), []);
    members.get(key(lane)).push(lane);
  }
  for (const lane of data.lanes) place(lane);
  const gather = (r, depth) => {
    r.depth = depth;
    if (r.kind === "lanes") r.lanes = [];
    for (const below of r.rows) {
      gather(below, depth + 1);
      r.lanes = r.lanes.concat(below.lanes);
    }
    r.folded = depth > 0 && r.rows.length > 0 && r.lanes.length > 12 && data.lanes.length > 60;
  };
  gather(top, 0);
  if (data.lanes.length < SEVERAL) return top.rows;
  if (top.rows.length === 1 && top.rows[0].kind === "lanes") {
    const only = top.rows[0]; // it would say the same twice
    gather(only, 0);
    return [only];
  }
  return [top];
}

const pinned = axisRows(), roots = taskRows();

// The rows to show below the axis, from top to bottom.
function arranged(find, sort) {
  const rows = [];
  const add = (r) => {
    rows.push(r);
    if (!r.folded) r.rows.forEach(add);
  };
  for (const r of pinned) if (!r.folded) r.rows.forEach(add);
  if (!find && sort === "declared") {
    roots.forEach(add);
    return rows;
  }
  const lanes = data.lanes.filter((lane) => lane.name.toLowerCase().includes(find));
  if (sort !== "declared") lanes.sort((a, b) => b[sort] - a[sort] || a.index - b.index);
  for (const lane of lanes) rows.push(row("lane", lane.name, { lane, lanes: [lane] }));
  return rows;
}

function foldAll(folded) {
  const fold = (r) => {
    if (r.rows.length) r.folded = folded;
    r.rows.forEach(fold);
  };
  [...pinned, ...roots].forEach(fold);
}

// The index of the first span that ends at or after an instant. A lane's spans are in order.
function firstAt(lane, at) {
  let low = 0, high = lane.spans.length / WIDTH;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.spans[middle * WIDTH + FROM] + lane.spans[middle * WIDTH + LENGTH] < at) low = middle + 1; else high = middle;
  }
  return low * WIDTH;
}

const round = (x) => +x.toPrecision(4);

function time(ns, step) {
  const unit = step === undefined ? Math.abs(ns) : step;
  const sign = ns < 0 ? "-" : "";
  ns = Math.abs(ns);
  if (ns === 0) return "0";
  if (unit < 1e3 && ns < 1e6) return sign + Math.round(ns) + " ns";
  if (unit < 1e6 && ns < 1e9) return sign + round(ns / 1e3) + " µs";
  if (unit < 1e9 && ns < 60e9) return sign + (ns < 1e9 ? round(ns / 1e6) + " ms" : round(ns / 1e9) + " s");
  if (ns < 60e9) return sign + round(ns / 1e9) + " s";
  const h = Math.floor(ns / 3600e9), m = Math.floor(ns / 60e9) % 60, s = round((ns / 1e9) % 60);
  if (h > 0) return sign + h + " h" + (m || s ? " " + m + " min" : "") + (s && unit < 60e9 ? " " + s + " s" : "");
  return sign + m + " min" + (s ? " " + s + " s" : "");
}

// An instant as the time since the beginning, or as the time of day if the reader wants that and it is known.
function moment(ns, step) {
  const zone = element("zone").value;
  if (!data.origin || zone === "since") return time(ns, step);
  const date = new Date(data.origin + ns / 1e6), fine = step === undefined || step < 1e9;
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s, ms] = zone === "utc" ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()] :
    [date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()];
  return two(h) + ":" + two(m) + (fine || step < 60e9 ? ":" + two(s) : "") + (fine ? "." + String(ms).padStart(3, "0") : "");
}

// How long the clock whose times of day are shown has been past a round instant at the beginning, for round ones that are so far
// apart. Steps below a millisecond are finer than that clock.
function sinceRound(step) {
  const zone = element("zone").value;
  if (!data.origin || zone === "since" || step < 1e6) return 0;
  const ahead = zone === "utc" ? 0 : -new Date(data.origin).getTimezoneOffset() * 60e3;
  return (data.origin + ahead) % (step / 1e6) * 1e6;
}

// The smallest round length of time that is at least so long: 1, 2 or 5 of a power of ten below five seconds, then what
// a clock shows.
function roundUp(least) {
  for (const step of [5e9, 10e9, 15e9, 30e9, 60e9, 120e9, 300e9, 600e9, 900e9, 1800e9, 3600e9, 7200e9, 21600e9, 43200e9, 86400e9, 604800e9]) {
    if (least > 2e9 && step >= least) return step;
  }
  const power = Math.pow(10, Math.floor(Math.log10(least)));
  for (const n of [1, 2, 5, 10]) if (n * power >= least) return Math.max(1, n * power);
  return least;
}

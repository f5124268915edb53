"use strict";
// Draws the timeline in `data`, see page in html.go.
// By class, the least bad first: where spans share a pixel, the worst shows.
const colours = {
  "completed": "#8ea3c7", "created": "#c8ccd4", "healthy": "#5bb98c", "suspended": "#7c8798", "starting": "#8fc7e8",
  "waiting for others": "#c9b8e4", "stopping with others": "#f1d88a", "stopping": "#e8b339",
  "stopping, was not ready or missed a beat": "#d9822b", "abandoned": "#a35bbf", "failed, waits for the restart rate": "#f4a58c",
  "failed, others stop first": "#bf6a5f", "failed": "#e5604d", "dead": "#5b2333", "halted": "#8a8f98",
};
const order = Object.keys(colours);
const dark = ["suspended", "failed, others stop first", "failed", "dead", "halted", "abandoned"];
const FROM = 0, LENGTH = 1, CLASS = 2, STATUS = 3, RUN = 4, ATTEMPTS = 5, WHY = 6, EXIT = 7, WAITS = 8, FLAGS = 9, WIDTH = 10;
const STARTED = 1, DOWN = 2;
const status = (lane, i) => data.statuses[lane.spans[i + STATUS]];
const kind = (lane, i) => data.classes[lane.spans[i + CLASS]];
const element = (id) => document.getElementById(id);
const total = Math.max(1, data.length);
let view = { from: 0, length: total };
let shown = [];

const restarted = (lane, i) => lane.spans[i + FLAGS] & STARTED && lane.spans[i + RUN] > 1;

// What is counted about each lane, once.
const restarts = [];
for (const [index, lane] of data.lanes.entries()) {
  Object.assign(lane, { index, restarts: 0, down: 0, present: {} });
  for (let i = 0; i < lane.spans.length; i += WIDTH) {
    if (lane.spans[i + LENGTH] > 0) lane.present[kind(lane, i)] = true;
    if (restarted(lane, i)) { lane.restarts++; restarts.push(lane.spans[i + FROM]); }
    if (lane.spans[i + FLAGS] & DOWN) lane.down += lane.spans[i + LENGTH];
  }
}
restarts.sort((a, b) => a - b);

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
const round = (x) => +x.toPrecision(4);

// A canvas as wide as its place and as tall as asked for, sharp on any screen.
function prepare(canvas, height) {
  const width = canvas.clientWidth, ratio = window.devicePixelRatio || 1;
  canvas.style.height = height + "px";
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  g.font = "11px system-ui, sans-serif";
  return { g, width, height };
}
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

let margin = 60;
const right = 12;
const x = (ns, width) => margin + (ns - view.from) / view.length * (width - margin - right);

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

function axis(g, width, top, bottom) {
  const step = roundUp(view.length / Math.max(2, (width - margin) / 110));
  g.strokeStyle = css("--line");
  g.fillStyle = css("--soft");
  g.textAlign = "center";
  for (let t = Math.ceil(view.from / step) * step; t <= view.from + view.length; t += step) {
    const at = Math.round(x(t, width)) + 0.5;
    g.beginPath(); g.moveTo(at, top); g.lineTo(at, bottom); g.stroke();
    if (at < width - 20) g.fillText(time(t, step), at, bottom + 13);
  }
}

function drawChart() {
  const canvas = element("chart");
  if (restarts.length === 0) { canvas.style.display = "none"; return; }
  const { g, width, height } = prepare(canvas, 110);
  const bin = roundUp(view.length / Math.max(1, Math.floor((width - margin - right) / 4)));
  const first = Math.floor(view.from / bin), bars = Math.ceil((view.from + view.length) / bin) - first;
  const counts = new Array(Math.max(1, bars)).fill(0);
  for (const at of restarts) {
    const i = Math.floor(at / bin) - first;
    if (i >= 0 && i < bars) counts[i]++;
  }
  const top = 20, bottom = height - 18, most = Math.max(1, ...counts);
  axis(g, width, top, bottom);
  g.fillStyle = "#3b6fb6";
  counts.forEach((n, i) => {
    if (n === 0) return;
    const h = Math.max(1, n / most * (bottom - top));
    const left = Math.max(margin, x((first + i) * bin, width));
    const reach = Math.min(width - right, x((first + i + 1) * bin, width) - 0.8);
    if (reach > left) g.fillRect(left, bottom - h, reach - left, h);
  });
  g.fillStyle = css("--ink");
  g.textAlign = "left";
  g.fillText("Restarts in each " + time(bin) + ", at most " + most, margin, 13);
}

let laneHeight = 18;
function drawLanes() {
  const canvas = element("lanes");
  const n = Math.max(1, shown.length);
  laneHeight = n <= 12 ? 26 : n <= 40 ? 18 : n <= 90 ? 13 : Math.max(2, Math.min(10, Math.floor(1500 / n)));
  const top = data.marks.length ? 20 : 6, height = top + n * laneHeight + 24;
  const { g, width } = prepare(canvas, height);
  const bottom = top + n * laneHeight;
  axis(g, width, top, bottom);
  const gap = laneHeight >= 10 ? 2 : laneHeight >= 5 ? 1 : 0;
  shown.forEach((lane, row) => drawLane(g, lane, top + row * laneHeight, laneHeight - gap, width));
  labels(g, top);
  marks(g, width, top, bottom);
}

function drawLane(g, lane, y, h, width) {
  const end = view.from + view.length;
  // Spans narrower than a pixel share it: what is worst shows.
  let pixel = -1, worst = -1;
  for (let i = 0; i < lane.spans.length; i += WIDTH) {
    const from = lane.spans[i + FROM], to = from + lane.spans[i + LENGTH];
    if (to < view.from || from > end) continue;
    const left = Math.max(margin, x(from, width)), reach = Math.min(width - right, x(to, width));
    const name = kind(lane, i);
    if (reach - left < 1) {
      const at = Math.floor(left), rank = order.indexOf(name);
      if (at === pixel && rank <= worst) continue;
      pixel = at; worst = rank;
      g.fillStyle = colours[name];
      g.fillRect(at, y, 1, h);
      continue;
    }
    g.fillStyle = colours[name];
    g.fillRect(left, y, reach - left, h);
    if (restarted(lane, i) && x(from, width) >= margin && h >= 6) {
      g.fillStyle = "rgba(0,0,0,.35)";
      g.fillRect(left, y, 1, h);
    }
    if (h >= 15) {
      const text = label(lane, i).find((text) => g.measureText(text).width + 10 < reach - left);
      g.fillStyle = dark.includes(name) ? "#fff" : "#10241b";
      g.textAlign = "left";
      if (text) g.fillText(text, left + 5, y + h / 2 + 4);
    }
  }
  if (h >= 6) notes(g, lane, y, width);
}

// What could be written on a span, the longest first.
function label(lane, i) {
  const name = status(lane, i), run = lane.spans[i + RUN], waits = data.waits[lane.spans[i + WAITS]];
  if (name === "healthy") return ["run " + run, "" + run];
  if (name === "starting") return ["run " + run + " starting", "starting"];
  return [waits || kind(lane, i), name];
}

// Small triangles at what was noted within a span.
function notes(g, lane, y, width) {
  g.fillStyle = "#8a1c10";
  for (let i = 0; lane.notes && i < lane.notes.length; i += 3) {
    const at = x(lane.notes[i], width), why = data.reasons[lane.notes[i + 1]];
    if (at < margin || at > width - right || !["watchdog", "probe-failed", "late-exit"].includes(why)) continue;
    g.beginPath(); g.moveTo(at - 3, y); g.lineTo(at + 3, y); g.lineTo(at, y + 5); g.fill();
  }
}

function labels(g, top) {
  g.fillStyle = css("--ink");
  g.textAlign = "right";
  const every = Math.max(1, Math.ceil(13 / laneHeight));
  shown.forEach((lane, row) => {
    if (row % every) return;
    g.fillText(lane.name, margin - 7, top + row * laneHeight + laneHeight / 2 + 3, margin - 10);
  });
}

function marks(g, width, top, bottom) {
  let free = -1;
  g.textAlign = "left";
  for (const mark of data.marks) {
    const at = x(mark.at, width);
    if (at < margin || at > width - right) continue;
    g.strokeStyle = css("--ink");
    g.setLineDash([3, 3]);
    g.beginPath(); g.moveTo(at, top - 4); g.lineTo(at, bottom); g.stroke();
    g.setLineDash([]);
    const length = g.measureText(mark.text).width, left = Math.min(at + 3, width - length - 4);
    if (left < free) continue;
    g.fillStyle = css("--ink");
    g.fillText(mark.text, left, 13);
    free = left + length + 8;
  }
}

function arrange() {
  const find = element("find").value.toLowerCase(), sort = element("sort").value;
  shown = data.lanes.filter((lane) => lane.name.toLowerCase().includes(find));
  if (sort !== "declared") shown.sort((a, b) => b[sort] - a[sort] || a.index - b.index);
  const g = element("lanes").getContext("2d");
  g.font = "11px system-ui, sans-serif";
  margin = 24;
  for (const lane of shown) margin = Math.max(margin, Math.min(190, g.measureText(lane.name).width + 16));
}

function draw() { drawChart(); drawLanes(); }

function under(event) {
  const box = element("lanes").getBoundingClientRect();
  const top = data.marks.length ? 20 : 6;
  const lane = shown[Math.floor((event.clientY - box.top - top) / laneHeight)];
  if (!lane || event.clientX - box.left < margin) return null;
  const at = view.from + (event.clientX - box.left - margin) / (box.width - margin - right) * view.length;
  for (let i = lane.spans.length - WIDTH; i >= 0; i -= WIDTH) {
    if (lane.spans[i + FROM] > at) continue;
    return at <= lane.spans[i + FROM] + lane.spans[i + LENGTH] ? { lane, i } : { lane, i: -1 };
  }
  return { lane, i: -1 };
}

function describe({ lane, i }) {
  if (i < 0) return lane.name + "\nnot there";
  const s = lane.spans, exit = data.exits[s[i + EXIT]], waits = data.waits[s[i + WAITS]];
  const noted = [], to = s[i + FROM] + s[i + LENGTH];
  for (let n = 0; lane.notes && n < lane.notes.length; n += 3) {
    if (lane.notes[n] >= s[i + FROM] && lane.notes[n] <= to) noted.push(data.reasons[lane.notes[n + 1]] + " at " + time(lane.notes[n]));
  }
  return lane.name + ", run " + s[i + RUN] + ": " + status(lane, i) + " for " + time(s[i + LENGTH]) + (waits ? ", " + waits : "") +
    "\nsince " + time(s[i + FROM]) + ": " + data.reasons[s[i + WHY]] + (exit !== "none" ? ", exit " + exit : "") +
    (s[i + ATTEMPTS] ? ", attempts " + s[i + ATTEMPTS] : "") +
    (noted.length ? "\n" + noted.slice(0, 4).join(", ") + (noted.length > 4 ? " and " + (noted.length - 4) + " more" : "") : "") +
    "\n" + lane.restarts + " restarts, down for " + time(lane.down) + " in all";
}

function point(event) {
  const tip = element("tip"), found = under(event);
  tip.hidden = !found;
  if (!found) return;
  tip.textContent = describe(found);
  tip.style.left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8) + "px";
}

function look(from, length) {
  length = Math.min(total, Math.max(10, length));
  view = { from: Math.max(0, Math.min(total - length, from)), length };
  draw();
}

let drag = null;
for (const canvas of [element("lanes"), element("chart")]) {
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    const at = view.from + (event.clientX - box.left - margin) / (box.width - margin - right) * view.length;
    const length = view.length * Math.pow(1.0015, event.deltaY);
    look(at - (at - view.from) * length / view.length, length);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, from: view.from }; });
  canvas.addEventListener("dblclick", () => look(0, total));
}
window.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const width = element("lanes").clientWidth - margin - right;
  look(drag.from - (event.clientX - drag.x) / width * view.length, view.length);
});
window.addEventListener("pointerup", () => { drag = null; });
element("lanes").addEventListener("pointermove", point);
element("lanes").addEventListener("pointerleave", () => { element("tip").hidden = true; });
element("find").addEventListener("input", () => { arrange(); draw(); });
element("sort").addEventListener("change", () => { arrange(); draw(); });
element("all").addEventListener("click", () => { element("find").value = ""; arrange(); look(0, total); });
window.addEventListener("resize", draw);

for (const [name, colour] of Object.entries(colours)) {
  if (!data.lanes.some((lane) => lane.present[name])) continue;
  const entry = document.createElement("span"), swatch = document.createElement("i");
  swatch.style.background = colour;
  entry.append(swatch, name);
  element("legend").append(entry);
}
element("summary").textContent = data.lanes.length + (data.lanes.length === 1 ? " task, " : " tasks, ") +
  time(total) + ", " + restarts.length + " restarts";
arrange();
draw();

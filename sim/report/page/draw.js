// Draws the chart, the axis and the rows that are in view.
const FONT = "11px system-ui, sans-serif";
const right = 12;
let margin = 60;
let view = { from: 0, length: total };
let shown = [];
let tops = []; // of the rows, and where the last one ends
let theme = {};
let chosen = null; // the row that the keyboard is at

const x = (ns, width) => margin + (ns - view.from) / view.length * (width - margin - right);
const instant = (px, width) => view.from + (px - margin) / (width - margin - right) * view.length;

// A canvas as wide as its place and as tall as asked for, sharp on any screen.
function prepare(canvas, height) {
  const width = canvas.clientWidth, ratio = window.devicePixelRatio || 1;
  canvas.style.height = height + "px";
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const g = canvas.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.font = FONT;
  return { g, width, height };
}

// A tile of eight by eight that makes a pattern.
function drawTile(g, tile) {
  for (const [left, top] of tile.dots || []) g.fillRect(left - 0.7, top - 0.7, 1.7, 1.7);
  g.lineWidth = 1.1;
  for (const [x1, y1, x2, y2] of tile.lines || []) { g.beginPath(); g.moveTo(x1, y1); g.lineTo(x2, y2); g.stroke(); }
}

const slanted = data.looks.find((one) => one.pattern === "fall").tile;

// The colours of the theme that the reader has, and the patterns in these.
function dress() {
  const style = getComputedStyle(document.documentElement), ratio = window.devicePixelRatio || 1;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  theme = { looks: data.looks.map((one) => ({ ...one, ...(dark ? one.dark : one.light) })) };
  for (const name of ["ink", "soft", "line", "paper", "accent", "outage"]) theme[name] = style.getPropertyValue("--" + name).trim();
  for (const one of theme.looks) one.fill = pattern(one.ground, one.ink, one.tile, ratio);
  theme.hatch = pattern(theme.paper, theme.outage, slanted, ratio);
}

function pattern(ground, ink, shape, ratio) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(8 * ratio);
  const g = tile.getContext("2d");
  g.scale(tile.width / 8, tile.height / 8);
  g.fillStyle = ground;
  g.fillRect(0, 0, 8, 8);
  g.fillStyle = g.strokeStyle = ink;
  g.globalAlpha = 0.55;
  drawTile(g, shape);
  const made = g.createPattern(tile, "repeat");
  made.setTransform(new DOMMatrix().scale(8 / tile.width));
  return made;
}

// One stretch in the look of a class. What is hollow has an outline, so that it is seen on paper of any colour.
function stretch(g, one, left, top, width, height) {
  g.fillStyle = one.fill;
  g.fillRect(left, top, width, height);
  if (one.pattern.startsWith("hollow") && width > 2 && height > 2) {
    g.strokeStyle = one.ink;
    g.lineWidth = 1;
    g.globalAlpha = 0.6;
    g.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    g.globalAlpha = 1;
  }
}

// A text on a stretch, on a plate of its ground.
function caption(g, one, text, left, middle) {
  const width = g.measureText(text).width;
  g.fillStyle = one.ground;
  if (one.pattern !== "plain" && one.pattern !== "hollow") g.fillRect(left - 2, middle - 6, width + 4, 12);
  g.fillStyle = one.ink;
  g.textAlign = "left";
  g.fillText(text, left, middle + 4);
}

function gridLines(g, width, top, bottom) {
  g.strokeStyle = theme.line;
  g.lineWidth = 1;
  for (const t of ticks(axisStep(width))) {
    const at = Math.round(x(t, width)) + 0.5;
    g.beginPath(); g.moveTo(at, top); g.lineTo(at, bottom); g.stroke();
  }
}

const axisStep = (width) => roundUp(view.length / Math.max(2, (width - margin) / (width < 600 ? 64 : 110)));

// The instants on the axis: round ones since the beginning, or of the clock that is shown.
function ticks(step) {
  const all = [], late = sinceRound(step);
  for (let t = Math.ceil((view.from + late) / step) * step - late; t <= view.from + view.length; t += step) all.push(t);
  return all;
}

// The restarts over time: those after failures and good ends below, those by commands hatched above them.
function drawChart() {
  const canvas = element("chart");
  if (restarts.length === 0) { canvas.style.display = "none"; return; }
  const { g, width, height } = prepare(canvas, 90);
  const bin = roundUp(view.length / Math.max(1, Math.floor((width - margin - right) / 4)));
  const first = Math.floor(view.from / bin), bars = Math.max(1, Math.ceil((view.from + view.length) / bin) - first);
  const counts = Array.from({ length: bars }, () => [0, 0]);
  for (const one of restarts) {
    const i = Math.floor(one.at / bin) - first;
    if (i >= 0 && i < bars) counts[i][one.command ? 1 : 0]++;
  }
  const top = 20, bottom = height - 4, most = Math.max(1, ...counts.map((n) => n[0] + n[1]));
  gridLines(g, width, top, bottom);
  const fills = [theme.accent, pattern(theme.paper, theme.accent, slanted, window.devicePixelRatio || 1)];
  counts.forEach((n, i) => {
    const left = Math.max(margin, x((first + i) * bin, width));
    const reach = Math.min(width - right, x((first + i + 1) * bin, width) - 0.8);
    let from = bottom;
    n.forEach((count, k) => {
      const h = count ? Math.max(1, count / most * (bottom - top)) : 0;
      g.fillStyle = fills[k];
      if (reach > left) g.fillRect(left, from - h, reach - left, h);
      from -= h;
    });
  });
  g.fillStyle = theme.ink;
  g.textAlign = "left";
  const hatched = restarts.some((one) => one.command) ? "; hatched: those by operator commands" : "";
  const short = "restarts in each " + time(bin) + ", at most " + most, long = short + hatched;
  g.fillText(g.measureText(long).width < width - 20 ? long : short, 10, 13);
}

// The axis stays in view. From the top: the supervisor's own events, operator commands and outages, time.
const EVENTS = events.length ? 18 : 0, PINNED = 18, TIMES = 18;
const axisHeight = 4 + EVENTS + PINNED * pinned.length + TIMES;

function drawAxis() {
  const { g, width } = prepare(element("axis"), axisHeight);
  g.clearRect(0, 0, width, axisHeight);
  const step = axisStep(width);
  g.strokeStyle = theme.line;
  g.textAlign = "center";
  for (const t of ticks(step)) {
    const at = Math.round(x(t, width)) + 0.5;
    g.beginPath(); g.moveTo(at, axisHeight - TIMES); g.lineTo(at, axisHeight - TIMES + 4); g.stroke();
    g.fillStyle = theme.soft;
    const text = moment(t, step), half = g.measureText(text).width / 2;
    if (at - half > 2 && at + half < width - 2) g.fillText(text, at, axisHeight - 4);
  }
  drawEvents(g, width, 4);
  pinned.forEach((r, i) => {
    const top = 4 + EVENTS + PINNED * i;
    drawItems(g, r, width, top, PINNED - 3);
    drawLabel(g, r, top, PINNED - 3);
  });
}

function drawItems(g, r, width, top, height) {
  if (r.kind === "commands") drawCommands(g, r.items, width, top, height);
  else drawOutages(g, r.items, width, top, height);
}

function drawEvents(g, width, top) {
  let free = -1;
  for (const mark of events) {
    const at = x(mark.at, width);
    if (at < margin - 0.5 || at > width - right + 0.5) continue;
    g.strokeStyle = theme.ink;
    g.setLineDash([3, 3]);
    g.beginPath(); g.moveTo(at, top); g.lineTo(at, axisHeight); g.stroke();
    g.setLineDash([]);
    const length = g.measureText(mark.text).width, left = Math.min(at + 3, width - length - 4);
    if (left < free) continue;
    g.fillStyle = theme.ink;
    g.textAlign = "left";
    g.fillText(mark.text, left, top + 11);
    free = left + length + 8;
  }
}

// Commands as flags with the command or its letter; where they would overlap, with how many there are.
const letters = { remove: "X", resume: "U", need: "N" };
const letterOf = (mark) => letters[mark.command] || mark.command[0].toUpperCase();

function drawCommands(g, marks, width, top, height) {
  const all = flags(marks, width);
  all.forEach((flag, i) => {
    const room = (i + 1 < all.length ? all[i + 1].at : width) - flag.at - 10;
    const text = naming(flag).find((text, i, all) => i === all.length - 1 || g.measureText(text).width < room);
    const wide = Math.max(12, g.measureText(text).width + 7), left = Math.round(Math.min(flag.at, width - wide - 1));
    g.fillStyle = theme.paper;
    g.strokeStyle = theme.accent;
    g.lineWidth = 1;
    g.fillRect(left + 0.5, top + 0.5, wide, height - 2);
    g.strokeRect(left + 0.5, top + 0.5, wide, height - 2);
    g.fillStyle = theme.accent;
    g.fillRect(Math.round(flag.at), top, 1.5, height + 2);
    g.textAlign = "center";
    g.fillText(text, left + wide / 2 + 0.5, top + height / 2 + 3.5);
  });
}

// What could be written on a flag, the longest first.
function naming(flag) {
  const [mark] = flag.marks, n = flag.marks.length;
  if (n === 1) return [mark.text, letterOf(mark)];
  if (!flag.same) return [n + " commands", "" + n];
  return [what(mark) + " × " + n, mark.command + " × " + n, letterOf(mark) + n, "" + n];
}

// Marks that stand so near each other that their flags would overlap share one.
function flags(marks, width) {
  const all = [];
  for (const mark of marks) {
    const at = x(mark.at, width), last = all[all.length - 1];
    if (at < margin - 0.5 || at > width - right + 0.5) continue;
    if (last && at < last.at + 24) {
      last.marks.push(mark);
      last.same = last.same && what(mark) === what(last.marks[0]);
    } else all.push({ at, marks: [mark], same: true });
  }
  return all;
}

function drawOutages(g, outages, width, top, height) {
  let free = -1;
  for (const outage of outages) {
    const left = Math.max(margin, x(outage.from, width)), reach = Math.min(width - right, x(outage.to, width));
    if (reach < margin || left > width - right) continue;
    g.fillStyle = theme.hatch;
    g.fillRect(left, top, Math.max(2, reach - left), height);
    g.strokeStyle = theme.outage;
    g.lineWidth = 1;
    g.strokeRect(left + 0.5, top + 0.5, Math.max(1, reach - left - 1), height - 1);
    const text = outage.name, length = g.measureText(text).width;
    if (length + 10 > reach - left || left < free) continue;
    g.fillStyle = theme.paper;
    g.fillRect(left + 3, top + 1, length + 6, height - 2);
    g.fillStyle = theme.outage;
    g.textAlign = "left";
    g.fillText(text, left + 6, top + height / 2 + 4);
    free = left + length + 12;
  }
}

// How tall the rows are. Rows of many tasks are taller, and no row is so low that its pattern is not seen.
function measure() {
  const height = shown.length <= 14 ? 24 : shown.length <= 50 ? 18 : 14;
  tops = [4];
  for (const r of shown) tops.push(tops[tops.length - 1] + (isFolded(r) && r.lanes.length > 1 ? Math.max(30, height) : height));
}

const isFolded = (r) => r.lanes !== undefined && (r.kind === "lanes" || r.folded);

// Draws what is in view of the rows: the canvas is as tall as the window and stays in it.
function drawLanes() {
  const canvas = element("lanes"), field = element("field"), whole = tops[tops.length - 1] + 6;
  const height = Math.min(whole, Math.max(120, window.innerHeight - axisHeight));
  field.style.height = whole + "px";
  canvas.style.top = axisHeight + "px";
  const { g, width } = prepare(canvas, height);
  g.clearRect(0, 0, width, height);
  const offset = scrolled();
  g.translate(0, -offset);
  gridLines(g, width, 0, whole);
  let first = 0;
  while (first < shown.length && tops[first + 1] < offset) first++;
  for (let i = first; i < shown.length && tops[i] < offset + height; i++) {
    const r = shown[i], top = tops[i], h = tops[i + 1] - top - 2;
    if (r.items) drawItems(g, r, width, top, Math.min(h, 15));
    else if (isFolded(r)) drawMany(g, r, top, h, width);
    else drawLane(g, r.lane, top, h, width);
    drawLabel(g, r, top, h);
  }
  drawThrough(g, width, whole);
}

// How far the rows have been scrolled out under the axis.
function scrolled() {
  const field = element("field"), canvas = element("lanes");
  const most = Math.max(0, field.clientHeight - canvas.clientHeight);
  return Math.min(most, Math.max(0, axisHeight - field.getBoundingClientRect().top));
}

// What goes through all lanes: the supervisor's events, commands if they are not too many, and the edges of outages.
function drawThrough(g, width, bottom) {
  const line = (at, colour, dash) => {
    if (at < margin - 0.5 || at > width - right + 0.5) return;
    g.strokeStyle = colour;
    g.lineWidth = 1;
    g.setLineDash(dash);
    g.beginPath(); g.moveTo(at, 0); g.lineTo(at, bottom); g.stroke();
    g.setLineDash([]);
  };
  for (const mark of events.slice(0, 200)) line(x(mark.at, width), theme.ink, [3, 3]);
  const found = flags(commands, width);
  if (found.length <= 40) for (const flag of found) line(flag.at, theme.accent, [1, 3]);
  for (const outage of data.outages.slice(0, 200)) {
    line(x(outage.from, width), theme.outage, [6, 3]);
    line(x(outage.to, width), theme.outage, [6, 3]);
  }
}

function drawLane(g, lane, y, h, width) {
  const end = view.from + view.length;
  // Spans narrower than a pixel share it: what is worst shows.
  let pixel = -1, worst = -1;
  for (let i = firstAt(lane, view.from); i < lane.spans.length; i += WIDTH) {
    const from = lane.spans[i + FROM], to = from + lane.spans[i + LENGTH];
    if (from > end) break;
    const left = Math.max(margin, x(from, width)), reach = Math.min(width - right, x(to, width));
    const one = theme.looks[lane.spans[i + CLASS]];
    if (reach - left < 1) {
      const at = Math.floor(left);
      if (at === pixel && one.rank <= worst) continue;
      pixel = at; worst = one.rank;
      stretch(g, one, at, y, 1, h);
      continue;
    }
    stretch(g, one, left, y, reach - left, h);
    if (restarted(lane, i) && x(from, width) >= margin) {
      g.fillStyle = theme.ink;
      g.fillRect(left, y, 1, h);
    }
    if (h < 11) continue;
    const text = label(lane, i).find((text) => g.measureText(text).width + 8 < reach - left);
    if (text) caption(g, one, text, left + 5, y + h / 2);
  }
  notes(g, lane, y, h, width);
}

// What could be written on a span, the longest first.
function label(lane, i) {
  const name = status(lane, i), run = lane.spans[i + RUN], waits = data.waits[lane.spans[i + WAITS]], one = look(lane, i);
  if (name === "healthy") return ["run " + run, "" + run];
  if (name === "starting") return ["run " + run + " starting", "starting", one.letter];
  return [waits || one.name, name, one.letter];
}

// Small triangles: from above at what was noted within a span, from below at commands.
function notes(g, lane, y, h, width) {
  for (let i = 0; lane.notes && i < lane.notes.length; i += 3) {
    if (["watchdog", "probe-failed", "late-exit"].includes(data.reasons[lane.notes[i + 1]])) {
      triangle(g, x(lane.notes[i], width), y, 5, width, theme.outage);
    }
  }
  for (const mark of lane.commands) triangle(g, x(mark.at, width), y + h, -5, width, theme.accent);
}

function triangle(g, at, base, height, width, colour) {
  if (at < margin - 0.5 || at > width - right + 0.5) return;
  g.fillStyle = colour;
  g.strokeStyle = theme.paper;
  g.lineWidth = 1;
  g.beginPath(); g.moveTo(at - 4, base); g.lineTo(at + 4, base); g.lineTo(at, base + height); g.closePath(); g.stroke(); g.fill();
}

// Many lanes in one row: how many of them look how, the worst on top. Whatever is there is at least a pixel high.
function drawMany(g, r, y, h, width) {
  const columns = Math.max(1, Math.floor(width - margin - right));
  if (r.counted !== view || r.columns !== columns) Object.assign(r, { counted: view, columns, counts: count(r.lanes, columns, width) });
  const order = theme.looks.map((one, i) => i).sort((a, b) => theme.looks[a].rank - theme.looks[b].rank);
  let from = 0;
  for (let c = 1; c <= columns; c++) {
    if (c < columns && r.counts.every((counts) => counts[c] === counts[from])) continue;
    let bottom = y + h;
    for (const k of order) {
      const n = r.counts[k][from];
      if (n === 0) continue;
      const tall = Math.min(bottom - y, Math.max(1.5, n / r.lanes.length * h));
      // The worst must show, if only as a line on what is better.
      stretch(g, theme.looks[k], margin + from, tall > 0 ? bottom - tall : y, c - from, Math.max(1.5, tall));
      bottom -= tall;
    }
    from = c;
  }
}

// How many lanes have each look, by column of pixels. A span too short for the middle of any column counts in its own.
function count(lanes, columns, width) {
  const counts = data.looks.map(() => new Int32Array(columns + 1));
  const end = view.from + view.length;
  for (const lane of lanes) {
    for (let i = firstAt(lane, view.from); i < lane.spans.length && lane.spans[i + FROM] <= end; i += WIDTH) {
      const from = lane.spans[i + FROM], to = from + lane.spans[i + LENGTH];
      const first = Math.max(0, Math.ceil(x(from, width) - margin - 0.5));
      const behind = Math.min(columns, Math.ceil(x(to, width) - margin - 0.5));
      const one = counts[lane.spans[i + CLASS]];
      if (behind > first) {
        one[first]++;
        one[behind]--;
      } else if (first < columns && to > from) {
        one[first]++;
        one[first + 1]--;
      }
    }
  }
  for (const one of counts) for (let c = 1; c <= columns; c++) one[c] += one[c - 1];
  return counts;
}

// How far the names of what can be folded away are indented.
const step = () => window.innerWidth < 600 ? 4 : 9;

function drawLabel(g, r, top, h) {
  const middle = top + h / 2 + 4, indent = 4 + step() * Math.min(r.depth, 3);
  g.fillStyle = theme.paper;
  g.fillRect(0, top - 1, margin - 1, h + 2);
  g.textAlign = "left";
  g.fillStyle = theme.ink;
  if (r === chosen) {
    g.strokeStyle = theme.accent;
    g.lineWidth = 2;
    g.strokeRect(1, top, margin - 4, h);
  }
  if (r.rows.length) g.fillText(r.folded ? "▸" : "▾", indent - 1, middle);
  const count = r.items ? r.items.length : r.lanes.length;
  const behind = r.rows.length || r.items ? " " + count : "";
  const room = margin - indent - 14 - g.measureText(behind).width;
  const text = fitting(g, r.label, room);
  g.fillText(text, indent + 10, middle);
  g.fillStyle = theme.soft;
  g.fillText(behind, indent + 10 + g.measureText(text).width, middle);
}

// The end of a text tells most: it has the number.
function fitting(g, text, room) {
  if (g.measureText(text).width <= room) return text;
  for (let from = 1; from < text.length; from++) {
    const shorter = "…" + text.slice(from);
    if (g.measureText(shorter).width <= room) return shorter;
  }
  return "";
}

function draw() { drawChart(); drawAxis(); drawLanes(); }

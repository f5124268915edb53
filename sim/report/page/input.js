// What the reader does.
function arrange() {
  const find = element("find").value.toLowerCase(), sort = element("sort").value;
  shown = arranged(find, sort);
  const nothing = find && !shown.some((r) => r.lanes);
  element("nothing").hidden = !nothing;
  element("nothing").textContent = nothing ? "No task has “" + element("find").value + "” in its name." : "";
  const g = element("lanes").getContext("2d"), most = Math.max(104, Math.min(200, element("stage").clientWidth * 0.28));
  g.font = FONT;
  margin = 40;
  for (const r of [...pinned, ...shown]) margin = Math.max(margin, Math.min(most, g.measureText(r.label + " 000").width + 24 + step() * Math.min(r.depth, 3)));
  margin = Math.round(margin);
  measure();
}

function rearrange() { arrange(); draw(); }

function lookAt(from, length) {
  length = Math.min(total, Math.max(10, length));
  view = { from: Math.max(0, Math.min(total - length, from)), length };
  draw();
}

function zoom(by, at) {
  const length = Math.min(total, Math.max(10, view.length * by));
  lookAt(at - (at - view.from) * length / view.length, length);
}

const middle = () => view.from + view.length / 2;

// What is under a point of the window: a row, and where it is a lane, the span.
function under(event) {
  const box = element("lanes").getBoundingClientRect();
  const y = event.clientY - box.top + scrolled(), px = event.clientX - box.left;
  const i = tops.findIndex((top, i) => y >= top && y < tops[i + 1]);
  if (i < 0) return null;
  const found = { row: shown[i], label: px < margin, at: instant(px, box.width), near: view.length / (box.width - margin - right) * 12 };
  if (!found.row.lane || isFolded(found.row)) return found;
  const lane = found.row.lane;
  for (let i = firstAt(lane, found.at); i < lane.spans.length && lane.spans[i + FROM] <= found.at; i += WIDTH) {
    if (found.at <= lane.spans[i + FROM] + lane.spans[i + LENGTH]) found.span = i;
  }
  return found;
}

function describe(found) {
  const { row: r, at } = found;
  if (found.label) return r.rows.length ? r.label + "\n" + (r.folded ? "click to unfold" : "click to fold") : r.label;
  if (r.kind === "commands") return listed(r.items.filter((mark) => Math.abs(mark.at - at) < 2 * found.near).map((mark) => moment(mark.at) + ": " + mark.text));
  if (r.kind === "outages") {
    return listed(r.items.filter((o) => at >= o.from - found.near && at <= o.to + found.near)
      .map((o) => o.name + "\nfrom " + moment(o.from) + " to " + moment(o.to) + ", " + time(o.to - o.from)));
  }
  return isFolded(r) ? describeMany(r, at) : describeSpan(r.lane, found);
}

const listed = (texts) => texts.slice(0, 12).join("\n") + (texts.length > 12 ? "\nand " + (texts.length - 12) + " more" : "");

function describeMany(r, at) {
  const counts = new Map();
  for (const lane of r.lanes) {
    const i = firstAt(lane, at);
    if (i >= lane.spans.length || lane.spans[i + FROM] > at) continue;
    counts.set(look(lane, i), (counts.get(look(lane, i)) || 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[0].rank - a[0].rank);
  return r.label + " at " + moment(at) + "\n" + sorted.map(([one, n]) => n + " " + one.name).join("\n");
}

function describeSpan(lane, found) {
  const i = found.span;
  if (i === undefined) return lane.name + "\nnot there";
  const s = lane.spans, exit = data.exits[s[i + EXIT]], waits = data.waits[s[i + WAITS]];
  const noted = [], from = s[i + FROM], to = from + s[i + LENGTH];
  for (let n = 0; lane.notes && n < lane.notes.length; n += 3) {
    if (lane.notes[n] >= from && lane.notes[n] <= to) noted.push(data.reasons[lane.notes[n + 1]] + " at " + moment(lane.notes[n]));
  }
  for (const mark of lane.commands) if (mark.at >= from && mark.at <= to) noted.push("operator: " + mark.command + " at " + moment(mark.at));
  return lane.name + ", run " + s[i + RUN] + ": " + status(lane, i) + " for " + time(s[i + LENGTH]) + (waits ? ", " + waits : "") +
    "\nsince " + moment(from) + ": " + data.reasons[s[i + WHY]] + (exit !== "none" ? ", exit " + exit : "") +
    (s[i + ATTEMPTS] ? ", attempts " + s[i + ATTEMPTS] : "") + (restarted(lane, i) ? "\na restart after a " + cause(lane, i) : "") +
    (noted.length ? "\n" + listed(noted) : "") +
    "\n" + lane.restarts + " restarts, down for " + time(lane.down) + " in all";
}

function tell(event, text) {
  const tip = element("tip");
  tip.hidden = !text;
  if (!text) return;
  tip.textContent = text;
  tip.style.left = Math.max(8, Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)) + "px";
  tip.style.top = Math.max(8, Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8)) + "px";
}

function point(event) {
  const found = under(event);
  tell(event, found ? describe(found) : "");
}

// What is under a point of the axis: a row of it, or nothing.
function underAxis(event) {
  const box = element("axis").getBoundingClientRect(), width = box.width;
  const y = event.clientY - box.top - 4, px = event.clientX - box.left;
  const found = { label: px < margin - 8, at: instant(px, width), near: view.length / (width - margin - right) * 12 };
  if (y >= 0 && y < EVENTS) return { ...found, label: false, row: { kind: "commands", items: events } };
  const r = pinned[Math.floor((y - EVENTS) / PINNED)];
  return r && y >= EVENTS ? { ...found, row: r } : null;
}

function pointAxis(event) {
  const found = underAxis(event);
  tell(event, found ? describe(found) : "");
}

// Dragging sideways moves, and two pointers zoom. A press that did not move folds or unfolds.
const pointers = new Map();
let pressed = null;
for (const canvas of [element("lanes"), element("axis"), element("chart")]) {
  canvas.addEventListener("wheel", (event) => {
    const box = canvas.getBoundingClientRect(), at = instant(event.clientX - box.left, box.width);
    if (event.ctrlKey || event.metaKey || canvas.id === "axis") {
      event.preventDefault();
      zoom(Math.pow(event.ctrlKey ? 1.01 : 1.0015, event.deltaY), at);
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      lookAt(view.from + (event.deltaX || event.deltaY) / box.width * view.length, view.length);
    }
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return; // a menu opens, and may keep the end of the press to itself
    pointers.set(event.pointerId, event);
    pressed = { x: event.clientX, y: event.clientY, view, moved: false };
    if (event.pointerType !== "mouse" && canvas.id === "lanes") point(event);
  });
  canvas.addEventListener("dblclick", (event) => {
    if (event.clientX - canvas.getBoundingClientRect().left >= margin) lookAt(0, total);
  });
}

function spread() {
  const [a, b] = [...pointers.values()];
  return Math.max(20, Math.abs(a.clientX - b.clientX));
}

window.addEventListener("pointermove", (event) => {
  if (!pointers.has(event.pointerId) || !pressed) return;
  const width = element("lanes").clientWidth - margin - right;
  if (pointers.size === 2) {
    const before = spread();
    pointers.set(event.pointerId, event);
    const [a, b] = [...pointers.values()], box = element("lanes").getBoundingClientRect();
    zoom(before / spread(), instant((a.clientX + b.clientX) / 2 - box.left, box.width));
    pressed = { x: event.clientX, y: event.clientY, view, moved: true };
    return;
  }
  pointers.set(event.pointerId, event);
  if (Math.abs(event.clientX - pressed.x) > 3) pressed.moved = true;
  if (pressed.moved) lookAt(pressed.view.from - (event.clientX - pressed.x) / width * pressed.view.length, pressed.view.length);
});

for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) pressed = null;
  });
}

for (const [id, find] of [["lanes", under], ["axis", underAxis]]) {
  element(id).addEventListener("pointerup", (event) => {
    const found = pressed && !pressed.moved ? find(event) : null;
    if (!found || !found.label || !found.row.rows.length) return;
    found.row.folded = !found.row.folded;
    rearrange();
    tell(event, describe(found));
  });
}

// The names with a triangle, by keyboard: one of them is chosen while the lanes have the focus.
const foldable = () => [...pinned, ...shown.filter((r) => !pinned.includes(r))].filter((r) => r.rows.length);

function choose(by) {
  const rows = foldable(), i = rows.indexOf(chosen);
  chosen = rows[i < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, i + by))] || null;
  const at = shown.indexOf(chosen);
  if (at >= 0) {
    const below = element("field").getBoundingClientRect().top + tops[at] + axisHeight;
    if (below < axisHeight || below + 24 > window.innerHeight) window.scrollBy(0, below - window.innerHeight / 2);
  }
  choice();
}

function choice() {
  element("row").textContent = chosen ? chosen.label + (chosen.folded ? ", folded" : ", unfolded") : "";
  draw();
}

element("lanes").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    "ArrowDown": () => choose(1), "ArrowUp": () => choose(-1),
    "Enter": () => { if (chosen) { chosen.folded = !chosen.folded; arrange(); choice(); } },
  };
  keys[" "] = keys["Enter"];
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
element("lanes").addEventListener("focus", () => { if (element("lanes").matches(":focus-visible")) choose(0); });
element("lanes").addEventListener("blur", () => { chosen = null; choice(); });

element("lanes").addEventListener("pointermove", point);
element("axis").addEventListener("pointermove", pointAxis);
for (const id of ["lanes", "axis"]) {
  element(id).addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") element("tip").hidden = true; });
}
window.addEventListener("scroll", () => { element("tip").hidden = true; requestAnimationFrame(drawLanes); }, { passive: true });
window.addEventListener("resize", rearrange);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { dress(); legend(); draw(); });

window.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    "+": () => zoom(0.7, middle()), "=": () => zoom(0.7, middle()), "-": () => zoom(1 / 0.7, middle()), "0": () => lookAt(0, total),
    "ArrowLeft": () => lookAt(view.from - view.length / 8, view.length), "ArrowRight": () => lookAt(view.from + view.length / 8, view.length),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

element("find").addEventListener("input", rearrange);
element("sort").addEventListener("change", rearrange);
element("zone").addEventListener("change", draw);
element("fold").addEventListener("click", () => { foldAll(true); rearrange(); });
element("unfold").addEventListener("click", () => { foldAll(false); rearrange(); });
element("closer").addEventListener("click", () => zoom(0.5, middle()));
element("farther").addEventListener("click", () => zoom(2, middle()));
element("all").addEventListener("click", () => { element("find").value = ""; arrange(); lookAt(0, total); });
element("words").addEventListener("toggle", table, { once: true });

function legend() {
  element("legend").replaceChildren();
  for (const [i, one] of theme.looks.entries()) {
    if (!present.has(i)) continue;
    const entry = document.createElement("li"), swatch = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
    swatch.width = 22 * ratio;
    swatch.height = 14 * ratio;
    const g = swatch.getContext("2d");
    g.scale(ratio, ratio);
    g.font = FONT;
    stretch(g, one, 0, 0, 22, 14);
    caption(g, one, one.letter, 7, 7);
    entry.append(swatch, one.name);
    element("legend").append(entry);
  }
}

// The timeline in words, one row per task.
function table() {
  const made = document.createElement("table");
  const line = (section, cells, tag) => {
    const tr = section.insertRow();
    for (const text of cells) tr.append(Object.assign(document.createElement(tag), { textContent: text }));
  };
  line(made.createTHead(), ["task", "restarts", "down", "commands", "at the end"], "th");
  const body = made.createTBody();
  for (const lane of data.lanes) {
    const last = lane.spans.length - WIDTH;
    const there = last >= 0 && lane.spans[last + FROM] + lane.spans[last + LENGTH] >= data.length;
    line(body, [lane.name, lane.restarts, time(lane.down), lane.commands.length, there ? look(lane, last).name : "removed"], "td");
  }
  element("words").querySelector("div").append(made);
}

const orders = commands.length ? ", " + commands.length + (commands.length === 1 ? " operator command" : " operator commands") : "";
const outages = data.outages.length ? ", " + data.outages.length + (data.outages.length === 1 ? " outage" : " outages") : "";
element("summary").textContent = data.lanes.length + (data.lanes.length === 1 ? " task, " : " tasks, ") +
  time(total) + ", " + restarts.length + (restarts.length === 1 ? " restart" : " restarts") + orders + outages;
element("times").hidden = !data.origin;
element("zone").value = data.zone || "since";
dress();
legend();
arrange();
draw();

"use strict";
// Keeps the page as it is on the server: one stream of changes while the page is seen, or a look every two seconds where there can
// be no stream. What changes is morphed, so that focus, selection, folds and scroll positions stay.
const byId = (id) => document.getElementById(id);
const isTask = location.pathname.endsWith("/task");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let last = document.body.dataset.last;
let ahead = Number(document.body.dataset.now) - Date.now(); // how far the server's clock is ahead of this one
let stream = null, poll = 0, heard = 0, reason = "";

// Where there is room for it, what belongs to this browser is counted together: a server by HTTP/1 has six connections for it.
function browserName() {
  try {
    let name = localStorage.getItem("tasksupervisor-browser");
    if (!name) localStorage.setItem("tasksupervisor-browser", name = crypto.getRandomValues(new Uint32Array(2)).join("-"));
    return name;
  } catch {
    return ""; // storage is turned off
  }
}

function address(what) {
  const asked = new URLSearchParams(location.search);
  asked.delete("said");
  asked.set("for", isTask ? "task" : "tasks");
  asked.set("browser", browserName());
  asked.set("last", last);
  return what + "?" + asked;
}

// The stream.
function listen() {
  quiet();
  if (document.hidden) return;
  if (!window.EventSource) return look("This browser knows no event streams.");
  const mine = stream = new EventSource(address("events"));
  heard = Date.now();
  mine.onopen = () => { heard = Date.now(); tell("Live."); };
  mine.addEventListener("change", (event) => {
    heard = Date.now();
    apply(JSON.parse(event.data));
  });
  mine.addEventListener("bye", (event) => {
    if (mine !== stream) return;
    if (event.data === "time") listen();
    else if (event.data === "crowded") look("Other tabs of this browser are live.");
    else look("The server is stopping.", true);
  });
  mine.onerror = () => { if (mine === stream) look("The stream has broken off.", true); };
}

// Without a stream: a look every two seconds, which says why. After a while the stream is tried again.
function look(why, again) {
  quiet();
  reason = why;
  tell(why + " Looking every 2 seconds.", true);
  let rounds = 0;
  const one = async () => {
    if (document.hidden) return;
    const mine = poll;
    try {
      const answer = await fetch(address("view"), { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(answer.statusText);
      const change = await answer.json();
      if (mine !== poll) return;
      apply(change);
      tell(why + " Looking every 2 seconds.", true);
      if (again && ++rounds > 1) listen();
    } catch {
      if (mine === poll) tell("The server does not answer; what you see is of " + new Date(Date.now() + ahead - (Date.now() - heard)).toLocaleTimeString() + ".", true);
    }
  };
  poll = setInterval(one, 2000);
  one();
}

function quiet() {
  if (stream) stream.close();
  clearInterval(poll);
  stream = null;
  poll = 0;
}

function tell(text, warned) {
  byId("live").textContent = text;
  byId("live").classList.toggle("warned", Boolean(warned));
}

// A stream from which nothing comes, not even that there is nothing, is none.
setInterval(() => { if (stream && Date.now() - heard > (stream.readyState === EventSource.OPEN ? 20000 : 3000)) look("The stream is silent.", true); }, 1000);
document.addEventListener("visibilitychange", () => { if (document.hidden) quiet(); else listen(); });
window.addEventListener("pagehide", quiet);
window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
window.addEventListener("focus", () => { if (poll && reason.startsWith("Other tabs")) listen(); });

// What has changed.
function apply(change) {
  heard = Date.now();
  ahead = change.now - heard;
  last = change.last;
  if (change.heading) document.title = change.heading;
  if (change.mood) icon(change.mood);
  if (change.spoken && byId("spoken").textContent !== change.spoken) byId("spoken").textContent = change.spoken;
  for (const [id, text] of Object.entries(change.parts || {})) if (byId(id)) morph(byId(id), made(text));
  const body = byId("rows");
  if (body) rows(body, change.rows || {}, change.order);
  moved = 0;
  countAll();
}

function icon(mood) {
  const link = byId("icon"), href = link.getAttribute("href").replace(/\w+\.svg.*$/, mood + ".svg");
  if (!link.getAttribute("href").startsWith(href)) link.setAttribute("href", href);
}

// The rows, by key: each is changed, moved or made; those that are not in the order go.
function rows(body, changed, order) {
  const known = new Map();
  for (const row of body.children) known.set(row.dataset.key, row);
  const few = !calm.matches && Object.keys(changed).length <= 10; // in a storm, what flashes says nothing
  for (const [key, text] of Object.entries(changed)) {
    pending.delete(key);
    const row = known.get(key);
    if (!row) {
      known.set(key, made(text));
      watcher.observe(known.get(key));
    } else if (!seen.has(row)) pending.set(key, text);
    else {
      const before = row.querySelector(".status").textContent;
      morph(row, made(text));
      if (few && row.querySelector(".status").textContent !== before) flash(row);
    }
  }
  if (!order) return;
  const focused = document.activeElement;
  let at = body.firstElementChild;
  for (const key of order) {
    const row = known.get(key);
    if (!row) continue;
    if (at && row === at.nextElementSibling && row !== at) { // the one in between belongs elsewhere
      body.append(at);
      at = row;
    }
    if (row === at) at = at.nextElementSibling;
    else body.insertBefore(row, at);
  }
  while (at) {
    const next = at.nextElementSibling;
    watcher.unobserve(at);
    pending.delete(at.dataset.key);
    at.remove();
    at = next;
  }
  if (focused && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
}

function flash(row) {
  row.classList.add("changed");
  row.addEventListener("animationend", () => row.classList.remove("changed"), { once: true });
}

function made(text) {
  const template = document.createElement("template");
  template.innerHTML = text; // written by html/template: all that a task says is text in it
  return template.content.firstElementChild;
}

// Makes one element like another. Folds that a reader has opened stay open.
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
  const children = [...fresh.childNodes];
  children.forEach((child, i) => {
    if (i < old.childNodes.length) morph(old.childNodes[i], child);
    else old.append(child);
  });
  while (old.childNodes.length > children.length) old.lastChild.remove();
}

// What counts up and down, and the lanes, which move.
function duration(ms) {
  const s = Math.floor(Math.max(0, ms) / 1000);
  if (ms < 10000) return (Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1) + " s";
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min " + s % 60 + " s";
  if (s < 172800) return Math.floor(s / 3600) + " h " + Math.floor(s / 60) % 60 + " min";
  return Math.floor(s / 86400) + " d " + Math.floor(s / 3600) % 24 + " h";
}

// Of the rows, those that are on the screen: there may be many others.
const seen = new Set();

// What has changed of the others, by key. They take it in when they come into view, or else now and then.
const pending = new Map();

function catchUp(row) {
  const text = pending.get(row.dataset.key);
  pending.delete(row.dataset.key);
  if (text) morph(row, made(text));
}
setInterval(() => {
  if (pending.size) for (const row of byId("rows").children) catchUp(row);
}, 10000);

const watcher = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    if (!isIntersecting) { seen.delete(target); continue; }
    seen.add(target);
    catchUp(target);
    move(target);
    count(target);
  }
});

let moved = 0;
function countAll() {
  for (const row of seen) if (!row.isConnected) seen.delete(row);
  const places = [...(byId("rows") ? seen : []), byId("sentence"), ...document.querySelectorAll("main > section")];
  for (const place of places) count(place);
  const now = Date.now();
  if (now - moved < 3000) return; // a lane moves by a pixel
  moved = now;
  for (const place of places) move(place);
}

function count(place) {
  const now = Date.now() + ahead;
  for (const one of place.querySelectorAll("time[data-until], time[data-since]")) {
    const { until, since } = one.dataset, text = duration(until ? until - now : now - since);
    if (one.textContent !== text) one.firstChild.data = text;
  }
}

function move(place) {
  const now = Date.now() + ahead;
  for (const lane of place.querySelectorAll("svg.lane")) {
    const { origin, length } = lane.dataset;
    lane.setAttribute("viewBox", ((now - origin) / 1000 - length).toFixed(1) + " 0 " + length + " " + lane.getAttribute("height"));
  }
}
setInterval(() => { if (!document.hidden) countAll(); }, 250);

// What the reader asks for: links that change the view, and the form, without loading the page anew.
function show(href, push) {
  if (push) history.pushState(null, "", href);
  last = "";
  listen();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.soft");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link.getAttribute("href"), true);
});
window.addEventListener("popstate", () => show("", false));
const find = byId("find");
if (find) {
  let typed = 0;
  const ask = (push) => {
    const asked = new URLSearchParams(new FormData(find));
    for (const [name, value] of [...asked]) if (!value) asked.delete(name);
    if (push) show("?" + asked, true);
    else { history.replaceState(null, "", "?" + asked); show("", false); }
  };
  find.addEventListener("submit", (event) => { event.preventDefault(); ask(true); });
  find.addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(ask, 250); });
}

// Commands, without loading the page anew.
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form.order")) return;
  event.preventDefault();
  const said = byId("said"), order = new URLSearchParams(new FormData(event.target, event.submitter));
  try {
    const answer = await fetch(event.target.getAttribute("action"), { method: "POST", body: order, headers: { Accept: "application/json" } });
    said.textContent = answer.ok ? event.submitter.textContent + ": done." : event.submitter.textContent + " was refused: " + await answer.text();
    said.classList.toggle("refused", !answer.ok);
  } catch {
    said.textContent = "The server does not answer.";
    said.classList.add("refused");
  }
  said.hidden = false;
  const warning = event.target.closest("details");
  if (warning) { warning.open = false; warning.querySelector("summary").focus(); }
});

if (byId("rows")) for (const row of byId("rows").children) watcher.observe(row);
countAll();
window.addEventListener("load", () => setTimeout(listen)); // before that, a browser would take the page for one that still loads

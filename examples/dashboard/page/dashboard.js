// A table of all devices, of which the page follows those that it shows.

import { store } from "/sprag/client.js";

const overview = store("overview");
const fleet = store("fleet");
const { devices } = fleet.$;

/** The height of a row, as in the style. */
const ROW = 40;
/** Rows beyond the edges, so that a row is there before it is seen. */
const MORE = 8;
/** The window moves by so many rows, so that scrolling asks seldom. */
const STEP = 8;
/** How long the window rests before the page follows other devices, in milliseconds. */
const REST = 50;

/** How a device is, in words. */
const WORDS = { well: "well", hot: "too warm", down: "no answer" };

const byId = (id) => document.getElementById(id);
const [table, rows] = [byId("table"), byId("rows")];

/** The key of a device, as the server makes it. */
const keyOf = (number) => String(number).padStart(5, "0");

/** The part of the store that the page follows. */
let shown = [];
let view = fleet.at(...(shown = Array.from({ length: 32 }, (_, number) => keyOf(number))).map((key) => devices[key]));

/** The devices of the window, and the timer after which the page follows them. */
let [wanted, asking] = [shown, undefined];

/** The devices that are not well, as the page lists them: not in another order each moment. */
let listed = [];

/** The elements of the rows, by the key of their device. */
const elements = new Map();
let changes = 0;

await Promise.all([overview.ready, view.ready]);
view.subscribe((state) => state.devices, draw);
overview.subscribe((state) => state, showCounts, { immediate: true });
view.onStatus(showLink);
table.addEventListener("scroll", () => requestAnimationFrame(move), { passive: true });
addEventListener("resize", move);
byId("which").addEventListener("change", () => ((table.scrollTop = 0), list()));
setInterval(() => ((byId("here").textContent = changes.toLocaleString("en")), (changes = 0)), 1000);
setInterval(list, 3000);
move();

/** Lists the devices that are not well now. */
function list() {
  listed = overview.get().troubled;
  if (isTroubled()) move();
}

function isTroubled() {
  return document.querySelector("#which :checked").value === "troubled";
}

/** How many rows the table has, and the key of a row. */
function all() {
  return isTroubled() ? [listed.length, (index) => listed[index]] : [overview.get().total, keyOf];
}

/** Follows the devices of the rows that are in the window now. */
function move() {
  const [count, keyAt] = all();
  const first = Math.max(Math.floor((table.scrollTop / ROW - MORE) / STEP) * STEP, 0);
  const last = Math.min(first + Math.ceil(table.clientHeight / ROW / STEP) * STEP + 2 * MORE + STEP, count);
  const keys = Array.from({ length: Math.max(last - first, 0) }, (_, index) => keyAt(first + index));
  rows.style.height = `${count * ROW}px`;
  table.ariaRowCount = String(count + 1);
  byId("none").hidden = count > 0;
  place(keys, first);
  wanted = keys;
  asking ??= setTimeout(follow, REST);
  draw();
}

/** Follows the devices of the window: while it moves, at most twenty times a second. */
function follow() {
  asking = undefined;
  if (!wanted.length || wanted.join() === shown.join()) return;
  shown = wanted;
  view.show(...shown.map((key) => devices[key]));
}

/** Puts the rows of the window where they belong. */
function place(keys, first) {
  for (const [key, { row }] of elements) {
    if (keys.includes(key)) continue;
    row.remove();
    elements.delete(key);
  }
  keys.forEach((key, index) => {
    const element = elements.get(key) ?? make(key);
    element.row.style.transform = `translateY(${(first + index) * ROW}px)`;
    element.row.ariaRowIndex = String(first + index + 2);
    // The order in which a screen reader reads.
    if (rows.children[index] !== element.row) rows.insertBefore(element.row, rows.children[index] ?? null);
  });
}

function make(key) {
  const row = document.createElement("div");
  row.className = "row waiting";
  row.role = "row";
  const [name, status, load, temperature] = Array.from({ length: 4 }, () => {
    const cell = row.appendChild(document.createElement("span"));
    cell.role = "cell";
    return cell;
  });
  const field = name.appendChild(document.createElement("input"));
  field.ariaLabel = `Name of device ${key}`;
  field.placeholder = "…";
  field.addEventListener("change", () => rename(key, field));
  const element = { row, field, status, load, temperature, drawn: undefined };
  elements.set(key, element);
  return element;
}

/** Draws the rows whose device is another one than was drawn: the store keeps the others. */
function draw() {
  const known = view.get()?.devices ?? {};
  for (const [key, element] of elements) {
    const device = known[key];
    if (device === undefined || device === element.drawn) continue;
    if (element.drawn) changes += 1;
    element.drawn = device;
    drawRow(element, device);
  }
}

function drawRow({ row, field, status, load, temperature }, device) {
  row.className = `row ${device.status}`;
  if (document.activeElement !== field) field.value = device.name;
  status.textContent = WORDS[device.status];
  load.textContent = `${device.load} %`;
  load.style.setProperty("--load", device.load / 100);
  temperature.textContent = `${(device.temperature / 10).toFixed(1)} °C`;
}

function rename(key, field) {
  byId("told").textContent = "";
  view.set(devices[key].name, field.value).catch((error) => {
    byId("told").textContent = error.message.replace(/^\w+: /, "");
    field.value = view.get().devices[key].name;
  });
}

function showCounts({ total, hot, down, writes }) {
  for (const [id, count] of Object.entries({ total, hot, down, writes })) byId(id).textContent = count.toLocaleString("en");
}

function showLink(status) {
  const isGone = status === "stale" || status === "offline";
  byId("link").hidden = !isGone;
  byId("link").textContent = isGone ? "The server does not answer. What you see is old; the page tries again." : "";
}

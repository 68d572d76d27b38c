// The library: a list of files that is searched as one types.

import { attempt, byId, count, icon, make, placeOf, size, titleOf } from "./parts.js";
import { play } from "./player.js";

/** More rows make the page slow, and nobody scrolls that far. */
const MOST = 2000;

/** The rows by the url of their file: a row outlives a new scan. */
let rows = new Map();

export function library(shelf, tv) {
  const show = () => filter(shelf.get());
  shelf.subscribe((state) => state.files, (files) => (build(files, tv), show()), { immediate: true });
  shelf.subscribe((state) => state.scanning, show);
  shelf.subscribe((state) => state.scanning, (scanning) => {
    byId("rescan").disabled = scanning;
    byId("rescan").querySelector("span").textContent = scanning ? "Scanning…" : "Scan again";
  }, { immediate: true });
  shelf.subscribe((state) => state.folder, (folder) => (byId("folder").textContent = folder), { immediate: true });
  tv.subscribe((state) => state.playback.url, mark, { immediate: true });
  byId("search").addEventListener("input", show);
  byId("kinds").addEventListener("change", show);
  byId("rescan").addEventListener("click", () =>
    attempt("It does not scan", shelf.update(shelf.$.asked, (asked) => asked + 1)));
  keys(byId("files"));
}

/** The order of names in which `Part 2` comes before `Part 10`. */
const { compare } = new Intl.Collator(undefined, { numeric: true });

function build(files, tv) {
  const before = rows;
  rows = new Map();
  for (const file of files.toSorted((a, b) => compare(a.url, b.url))) {
    const known = before.get(file.url);
    rows.set(file.url, known?.file === file ? known : row(file, tv));
  }
  mark(tv.get()?.playback.url ?? null);
}

function row(file, tv) {
  const [title, place] = [titleOf(file.url), placeOf(file.url)];
  const open = make("button", { type: "button", className: "open", tabIndex: -1, title: file.url },
    icon(file.kind),
    make("span", { className: "unseen", textContent: "Play " }),
    make("span", { className: "title", dir: "auto", textContent: title }),
    make("span", { className: "place", textContent: place }));
  const add = make("button", { type: "button", className: "round", tabIndex: -1, ariaLabel: `Add ${title} to the queue` }, icon("plus"));
  open.addEventListener("click", () => play(tv, file.url));
  add.addEventListener("click", () => attempt(`${title} is not in the queue`, tv.push(tv.$.queue, file.url)));
  const element = make("li", {}, open, make("span", { className: "size", textContent: size(file.bytes) }), add);
  return { file, element, words: plain(file.url.replaceAll("_", " ")) };
}

/** Without capitals and accents, so that `sigur ros` finds `Sigur Rós`. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function filter(state) {
  const words = plain(byId("search").value).split(/\s+/).filter(Boolean);
  const kind = document.querySelector("#kinds :checked").value;
  const fits = ({ file, words: text }) => (!kind || file.kind === kind) && words.every((word) => text.includes(word));
  const found = [...rows.values()].filter(fits);
  const list = byId("files");
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...found.slice(0, MOST).map(({ element }) => element));
  if (focused?.isConnected) focused.focus();
  enter(list);
  byId("found").textContent = summary(found.length, state);
  nothing(found.length, state);
}

function summary(found, { files, scanning }) {
  if (!files.length) return scanning ? "The folder is being scanned…" : "";
  const all = count(files.length, "file", "files");
  if (found > MOST) return `${count(found, "file", "files")}, of which the first ${MOST} are here`;
  return found === files.length ? all : `${found.toLocaleString("en")} of ${all}`;
}

function nothing(found, { files, folder, scanning }) {
  byId("nothing").hidden = found > 0 || (scanning && !files.length);
  byId("nothing").querySelector("p").textContent = files.length
    ? "No file has a name like that."
    : `There is no music, film or picture in ${folder} yet. Put some there, and scan again.`;
}

function mark(url) {
  for (const { file, element } of rows.values()) {
    if (file.url === url) element.ariaCurrent = "true";
    else element.removeAttribute("aria-current");
  }
}

/** One row of the list is in the order of the Tab key; the arrows lead to the others. */
function enter(list) {
  const first = list.querySelector("[tabindex='0']") ?? list.querySelector("button");
  if (first) first.tabIndex = 0;
}

function keys(list) {
  list.addEventListener("focusin", ({ target }) => {
    for (const before of list.querySelectorAll("[tabindex='0']")) before.tabIndex = -1;
    target.tabIndex = 0;
  });
  list.addEventListener("keydown", (event) => {
    const to = neighbour(list, event.target, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input[type=search]")) return;
    event.preventDefault();
    byId("search").focus();
  });
}

function neighbour(list, button, key) {
  const item = button.closest("li");
  const column = [...item.querySelectorAll("button")].indexOf(button);
  const of = (other, at = column) => other?.querySelectorAll("button")[at];
  switch (key) {
    case "ArrowDown": return of(item.nextElementSibling);
    case "ArrowUp": return of(item.previousElementSibling);
    case "ArrowRight": return of(item, column + 1);
    case "ArrowLeft": return of(item, column - 1);
    case "Home": return of(list.firstElementChild);
    case "End": return of(list.lastElementChild);
  }
}

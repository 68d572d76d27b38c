// Beside the library: the queue, the drives and the health of the services.

import { attempt, byId, count, icon, make, placeOf, size, titleOf } from "./parts.js";
import { play } from "./player.js";

export function side(tv, house) {
  tv.subscribe((state) => state.queue, (queue) => showQueue(queue, tv), { immediate: true });
  house.subscribe((state) => state.drives, showDrives, { immediate: true });
  house.subscribe((state) => state.services, showServices, { immediate: true });
  byId("clear").addEventListener("click", () => attempt("The queue stays", tv.set(tv.$.queue, [])));
}

function showQueue(queue, tv) {
  const list = byId("queue");
  const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
  list.replaceChildren(...queue.map((url, index) => queued(url, index, tv)));
  byId("queue-empty").hidden = queue.length > 0;
  byId("clear").hidden = queue.length < 2;
  // The row that a person has removed had the focus: the next one gets it.
  const buttons = list.querySelectorAll("button");
  if (focused >= 0) (buttons[Math.min(focused, buttons.length - 1)] ?? byId("search")).focus();
}

function queued(url, index, tv) {
  const title = titleOf(url);
  const open = make("button", { type: "button", className: "open", title: url },
    make("span", { className: "unseen", textContent: "Play now: " }),
    make("span", { className: "title", dir: "auto", textContent: title }),
    make("span", { className: "place", textContent: placeOf(url) }));
  const drop = make("button", { type: "button", className: "round", ariaLabel: `Remove ${title} from the queue` }, icon("minus"));
  const take = () => attempt(`${title} stays in the queue`, tv.remove(tv.$.queue, index));
  open.addEventListener("click", () => (take(), play(tv, url)));
  drop.addEventListener("click", take);
  return make("li", {}, open, drop);
}

function showDrives(drives) {
  byId("drives").replaceChildren(...drives.map(drive));
}

function drive({ path, file_system, total, available }) {
  const free = `${size(available)} free of ${size(total)}`;
  const space = make("meter", { min: 0, max: Math.max(total, 1), high: total * 0.9, optimum: 0, value: total - available, ariaLabel: `Space used on ${path}`, ariaValueText: free });
  const used = space.value / space.max;
  space.style.setProperty("--used", used);
  space.classList.toggle("full", used > 0.9);
  return make("li", {},
    make("p", {}, make("b", { textContent: path }), make("span", { className: "kind", textContent: file_system })),
    space,
    make("p", { className: "hint", textContent: free }));
}

function showServices(services) {
  const troubles = services.filter(({ trouble }) => trouble !== null);
  byId("health").textContent = troubles.length
    ? `${count(troubles.length, "service needs", "services need")} attention.`
    : services.length ? `All ${services.length} services are well.` : "";
  byId("services").replaceChildren(...services.map(({ name, trouble }) =>
    make("li", { className: trouble === null ? "well" : "troubled" },
      make("span", { textContent: name.replace(/Service$/, "") }),
      make("span", { className: "hint", textContent: trouble ?? "well" }))));
}

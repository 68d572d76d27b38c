// What the parts of the page share: elements, icons, words for numbers, and messages.

export const byId = (id) => document.getElementById(id);

/** An element with properties and children; `null` children are left out. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function setIcon(button, name) {
  button.querySelector("use").setAttribute("href", `#i-${name}`);
}

/** `film/alien_1979.mkv` is `alien 1979`. */
export const titleOf = (url) =>
  url.slice(url.lastIndexOf("/") + 1).replace(/\.[^.]+$/, "").replaceAll("_", " ") || url;

/** `film/horror/alien.mkv` is in `film / horror`. */
export const placeOf = (url) => url.split("/").slice(0, -1).join(" / ").replaceAll("_", " ");

/** 3723 seconds are `1:02:03`. */
export function clock(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

export function size(bytes) {
  const unit = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), UNITS.length - 1);
  const number = bytes / 1000 ** unit;
  return `${number.toFixed(unit && number < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

export const count = (number, one, many) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** Shows a message that a screen reader reads at once, and takes it away after a while. */
export function tell(text) {
  const close = make("button", { type: "button", className: "round", ariaLabel: "Close" }, icon("minus"));
  const message = make("p", {}, make("span", { textContent: text }), close);
  close.addEventListener("click", () => message.remove());
  setTimeout(() => message.remove(), 8000);
  byId("told").replaceChildren(message);
}

/** Tells why the server has refused a write; the page shows the server's state again. */
export const attempt = (what, write) =>
  write.catch((error) => tell(`${what}: ${REASONS[error.kind] ?? reasonOf(error)}`));

const reasonOf = ({ kind, message }) => message.slice(`${kind}: `.length) || "the hub refused it.";

const REASONS = {
  unknown: "the hub was away, and nobody knows whether it was done.",
  conflict: "somebody else was faster.",
  place: "that is not there any more.",
  busy: "the hub is busy; try again.",
};

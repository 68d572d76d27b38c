/**
 * Plain HTML: `<span data-sprag="tv:playback.url"></span>` shows the value, and a form control
 * also writes the value. A control whose write is refused is reset, and is invalid until the next
 * write, with the reason as its message.
 */

import type { Json } from "./json.ts";
import { store, type Store } from "./index.ts";

type AnyStore = Store<Json, unknown, Record<string, Json>>;
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Binds every element with `data-sprag` below `root`; returns the function that unbinds them. */
export function bind(root: ParentNode = document): () => void {
  const ends = [...root.querySelectorAll<HTMLElement>("[data-sprag]")].map(bindOne);
  return () => ends.forEach((end) => end());
}

function bindOne(element: HTMLElement): () => void {
  const [name, ...rest] = element.dataset["sprag"]!.split(":");
  const tv = store(name!) as AnyStore;
  const text = rest.join(":");
  const end = tv.subscribe(text, (value) => show(element, value), { immediate: true });
  const look = (): void => {
    if (tv.get(text) === undefined) throw Error("no value at the place of");
  };
  tv.ready.then(look).catch(({ message }: Error) => console.warn(message, element));
  if (!isControl(element)) return end;
  const write = (): void => {
    element.setCustomValidity("");
    tv.set(tv.place(text), typed(element)).catch(({ message }: Error) => {
      show(element, tv.get(text));
      element.setCustomValidity(message);
      element.reportValidity();
    });
  };
  element.addEventListener("change", write);
  return () => (end(), element.removeEventListener("change", write));
}

function show(element: HTMLElement, value: Json | undefined): void {
  const text = typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
  if (!isControl(element)) element.textContent = text;
  else if (element.type === "checkbox") (element as HTMLInputElement).checked = value === true;
  else element.value = text;
}

function typed(element: Control): Json {
  const { type, checked, valueAsNumber, value } = element as HTMLInputElement;
  return type === "checkbox" ? checked : /number|range/.test(type) ? valueAsNumber : value;
}

const isControl = (element: HTMLElement): element is Control =>
  /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);

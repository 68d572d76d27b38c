/**
 * sprag's stores in the browser: the server's state, typed, live and writable.
 *
 * ```ts
 * import { store } from "sprag";
 * const tv = store<Tv, TvPlaces>("tv");
 * await tv.ready;
 * tv.subscribe(tv.$.playback.url, (url) => console.log(url));
 * ```
 */

import type { Snapshot } from "./replica.ts";
import { type Places, Store } from "./store.ts";
import type { Link } from "./stream.ts";
import { linkTo } from "./tabs.ts";

export type { Json } from "./json.ts";
export type { Insertable, ListOf, MapOf, Readable, Removable, Resizable, Writable } from "./place.ts";
export { Refused, type Status } from "./replica.ts";
export type { Change, Places, Selector, Store } from "./store.ts";

const links = new Map<string, Link>();
const stores = new Map<string, Store<unknown>>();

/** Where the server's router is, unless a store says otherwise. */
const BASE = "/sprag";

/** The store of a name: the same one wherever a page asks for it. */
export function store<T, $ = unknown, P extends Places = Places>(
  name: string,
  { base = BASE }: { base?: string } = {},
): Store<T, $, P> {
  const key = `${base} ${name}`;
  const link = links.get(base) ?? linkTo(base);
  links.set(base, link);
  const found = stores.get(key) ?? new Store<unknown>(name, base, link, hydrated(name));
  stores.set(key, found);
  return found as Store<T, $, P>;
}

/** What the server wrote into the page: `<script type="application/json" data-sprag-state>`. */
function hydrated(name: string): Snapshot | undefined {
  if (typeof document === "undefined") return undefined;
  for (const script of document.querySelectorAll("script[data-sprag-state]")) {
    const found = (JSON.parse(script.textContent!) as (Snapshot & { s: string })[]).find(({ s }) => s === name);
    if (found) return found;
  }
  return undefined;
}

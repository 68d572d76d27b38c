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

import { backoff, pause } from "./backoff.ts";
import { hydrated } from "./hydrated.ts";
import { type Places, Store } from "./store.ts";
import type { Link, Member } from "./stream.ts";

export type { Json } from "./json.ts";
export type { Insertable, ListOf, MapOf, Readable, Removable, Resizable, SetOf, Writable } from "./place.ts";
export { Refused, type Status } from "./replica.ts";
export type { Change, Places, Selector, Store } from "./store.ts";

const links = new Map<string, Link>();
const stores = new Map<string, Store<unknown>>();

/** The address of the server's router, unless a store has its own. */
const BASE = "/sprag";

/** The store of a name: the same one wherever a page calls this, until it is closed. */
export function store<T, $ = unknown, P extends Places = Places>(
  name: string,
  { base = BASE }: { base?: string } = {},
): Store<T, $, P> {
  const key = `${base} ${name}`;
  const link = links.get(base) ?? linkTo(base);
  links.set(base, link);
  const known = stores.get(key);
  const found = known?.isOpen === false ? undefined : known;
  const used = found ?? new Store<unknown>(name, base, link, hydrated(name));
  stores.set(key, used);
  return used as Store<T, $, P>;
}

/** The module with the stream, which the server serves: a page shows its state without it. */
function linkTo(base: string): Link {
  // The stores that wait for the file.
  let waiting: Set<Member> | undefined = new Set();
  const failed = (): void =>
    waiting?.forEach((member) => member.linked(navigator.onLine === false ? "offline" : "stale"));
  const link = load(`${base}/worker.js`, failed).then(({ TabLink }) => {
    waiting = undefined;
    return new TabLink(base);
  });
  type Calls = Record<string, (...values: unknown[]) => void>;
  const call = (name: string) => (...values: unknown[]) => {
    if (name === "join") waiting?.add(values[0] as Member);
    void link.then((link) => (link as unknown as Calls)[name]!(...values));
  };
  return new Proxy({}, { get: (_, name: string) => call(name) }) as Link;
}

/** Imports a file of the server, which may be starting anew just now; calls `failed` each time that there is none. */
async function load(url: string, failed: () => void, tries = 0): Promise<typeof import("./worker.ts")> {
  try {
    // A browser may remember a failed import under the same name.
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ url + (tries ? `?${tries}` : ""));
  } catch {
    failed();
    await pause(backoff(tries));
    return load(url, failed, tries + 1);
  }
}

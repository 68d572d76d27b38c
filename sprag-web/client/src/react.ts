/** Stores in React: `const url = useStore(tv, tv.$.playback.url)`. */

import { useMemo, useSyncExternalStore } from "react";
import { reader } from "./reader.ts";
import type { Readable } from "./place.ts";
import type { Places, Store } from "./store.ts";

/** The current value of a selector, a place or a text. */
export function useStore<T, K>(store: Store<T, unknown, Places>, selector: ((state: T) => K) | Readable<K>): K;
export function useStore<P extends Places, N extends keyof P & string>(store: Store<never, unknown, P>, text: N): P[N];
export function useStore(store: object, selector: any): unknown {
  // An inline selector is a new function at each render.
  const key = typeof selector === "function" ? store : selector;
  const latest = useMemo(() => reader<unknown>(store as never, selector), [store, key]);
  latest.use(selector);
  return useSyncExternalStore(latest.subscribe, latest.get, latest.initial);
}

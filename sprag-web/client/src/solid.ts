/** Stores in Solid: `const url = useStore(tv, tv.$.playback.url)` is an accessor. */

import { type Accessor, createSignal, onCleanup } from "solid-js";
import type { Readable } from "./place.ts";
import { reader } from "./reader.ts";
import type { Places, Store } from "./store.ts";

/** The value of a selector or a place, as a signal, until its owner is cleaned up. */
export function useStore<T, K>(
  store: Store<T, unknown, Places>,
  selector: ((state: T) => K) | Readable<K>,
): Accessor<K> {
  const selected = reader<K>(store as never, selector as never);
  const [value, set] = createSignal(selected.get());
  // A function passed to `set` would be called with the last value.
  onCleanup(selected.subscribe(() => set(() => selected.get())));
  return value;
}

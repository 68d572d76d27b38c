/** Stores in Svelte: `$url` of `const url = readable(tv, tv.$.playback.url)`. */

import type { Readable } from "./place.ts";
import { reader } from "./reader.ts";
import type { Places, Store } from "./store.ts";

/** A readable store of Svelte's: calls each subscriber at once, as Svelte requires. */
export function readable<T, K>(
  store: Store<T, unknown, Places>,
  selector: ((state: T) => K) | Readable<K>,
): { subscribe(run: (value: K) => void): () => void } {
  const selected = reader<K>(store as never, selector as never);
  return {
    subscribe(run) {
      run(selected.get());
      return selected.subscribe(() => run(selected.get()));
    },
  };
}

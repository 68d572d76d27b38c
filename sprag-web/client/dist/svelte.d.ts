/** Stores in Svelte: `$url` of `const url = readable(tv, tv.$.playback.url)`. */
import type { Readable } from "./place.ts";
import type { Places, Store } from "./store.ts";
/** A readable store of Svelte's: calls each subscriber at once, as Svelte requires. */
export declare function readable<T, K>(store: Store<T, unknown, Places>, selector: ((state: T) => K) | Readable<K>): {
    subscribe(run: (value: K) => void): () => void;
};

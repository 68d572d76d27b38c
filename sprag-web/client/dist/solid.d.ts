/** Stores in Solid: `const url = useStore(tv, tv.$.playback.url)` is an accessor. */
import { type Accessor } from "solid-js";
import type { Readable } from "./place.ts";
import type { Places, Store } from "./store.ts";
/** The value of a selector or a place, as a signal, until its owner is cleaned up. */
export declare function useStore<T, K>(store: Store<T, unknown, Places>, selector: ((state: T) => K) | Readable<K>): Accessor<K>;

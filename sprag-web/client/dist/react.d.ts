/** Stores in React: `const url = useStore(tv, tv.$.playback.url)`. */
import type { Readable } from "./place.ts";
import type { Places, Store } from "./store.ts";
/** The current value of a selector, a place or a text. */
export declare function useStore<T, K>(store: Store<T, unknown, Places>, selector: ((state: T) => K) | Readable<K>): K;
export declare function useStore<P extends Places, N extends keyof P & string>(store: Store<never, unknown, P>, text: N): P[N];

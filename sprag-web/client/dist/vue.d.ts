/** Stores in Vue: `const url = useStore(tv, tv.$.playback.url)` is a `Ref`. */
import { type ShallowRef } from "vue";
import type { Readable } from "./place.ts";
import type { Places, Store } from "./store.ts";
/** The value of a selector or a place, as a read-only ref, until the component's scope ends. */
export declare function useStore<T, K>(store: Store<T, unknown, Places>, selector: ((state: T) => K) | Readable<K>): Readonly<ShallowRef<K>>;

/**
 * The common part of the framework adapters: a selection that keeps the reference of equal parts.
 */
import type { Selector, Places, Store } from "./store.ts";
export interface Reader<K> {
    get(): K;
    /** The state in the page, which a server would have rendered. */
    initial(): K;
    subscribe(listener: () => void): () => void;
    use(selector: Selector<never, K, Places>): void;
}
export declare function reader<K>(store: Store<never, unknown, Places>, selector: Selector<never, K, Places>): Reader<K>;

/** What the adapters of frameworks share: a selection that keeps the reference of what is equal. */
import type { Selector, Places, Store } from "./store.ts";
export interface Reader<K> {
    get(): K;
    /** What a server would have rendered: the state that came with the page. */
    initial(): K;
    subscribe(listener: () => void): () => void;
    use(selector: Selector<never, K, Places>): void;
}
export declare function reader<K>(store: Store<never, unknown, Places>, selector: Selector<never, K, Places>): Reader<K>;

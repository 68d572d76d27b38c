/**
 * The common part of the framework adapters: a selection that keeps the reference of equal parts.
 */

import { share } from "./json.ts";
import type { Selector, Places, Store } from "./store.ts";

export interface Reader<K> {
  get(): K;
  /** The state in the page, which a server would have rendered. */
  initial(): K;
  subscribe(listener: () => void): () => void;
  use(selector: Selector<never, K, Places>): void;
}

export function reader<K>(store: Store<never, unknown, Places>, selector: Selector<never, K, Places>): Reader<K> {
  let last: unknown;
  const read = (state: unknown): K => (last = share(last, store.selected(selector, state))) as K;
  return {
    get: () => read(store.get()),
    initial: () => read(store.initial()),
    subscribe: (listener) => store.subscribe(() => read(store.get()), listener),
    use: (latest) => void (selector = latest),
  };
}

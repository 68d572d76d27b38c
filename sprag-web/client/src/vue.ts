/** Stores in Vue: `const url = useStore(tv, tv.$.playback.url)` is a `Ref`. */

import { onScopeDispose, readonly, type ShallowRef, shallowRef } from "vue";
import type { Readable } from "./place.ts";
import { reader } from "./reader.ts";
import type { Places, Store } from "./store.ts";

/** What a selector or a place selects, as a read-only ref, until the component's scope ends. */
export function useStore<T, K>(
  store: Store<T, unknown, Places>,
  selector: ((state: T) => K) | Readable<K>,
): Readonly<ShallowRef<K>> {
  const selected = reader<K>(store as never, selector as never);
  const value = shallowRef(selected.get());
  onScopeDispose(selected.subscribe(() => (value.value = selected.get())));
  return readonly(value) as Readonly<ShallowRef<K>>;
}

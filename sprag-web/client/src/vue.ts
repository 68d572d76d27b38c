/** Stores in Vue: `const url = useStore(tv, tv.$.playback.url)` is a `Ref`. */

import { getCurrentInstance, onMounted, onScopeDispose, readonly, type ShallowRef, shallowRef } from "vue";
import type { Readable } from "./place.ts";
import { reader } from "./reader.ts";
import type { Places, Store } from "./store.ts";

/** The value of a selector or a place, as a read-only ref, until the component's scope ends. */
export function useStore<T, K>(
  store: Store<T, unknown, Places>,
  selector: ((state: T) => K) | Readable<K>,
): Readonly<ShallowRef<K>> {
  const selected = reader<K>(store as never, selector as never);
  // A component that hydrates the server's HTML already has its element.
  const isHydrated = getCurrentInstance()?.vnode.el;
  const value = shallowRef(isHydrated ? selected.initial() : selected.get());
  const show = (): void => void (value.value = selected.get());
  if (isHydrated) onMounted(show);
  onScopeDispose(selected.subscribe(show));
  return readonly(value) as Readonly<ShallowRef<K>>;
}

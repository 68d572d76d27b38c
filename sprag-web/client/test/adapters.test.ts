/** W11: the adapters in their frameworks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import type { Json } from "../src/json.ts";
import type { Resizable, Writable } from "../src/place.ts";
import { Store } from "../src/store.ts";

interface State {
  readonly count: number;
  readonly queue: readonly string[];
}

interface Places {
  readonly count: Writable<number>;
  readonly queue: Resizable<readonly string[]>;
}

/** A store without a server, which is at version 0. */
function offline() {
  const tv = new Store<State, Places>("tv", "http://localhost:1", { join() {}, leave() {}, resync() {}, show() {}, send() {} }, {
    e: "a",
    v: 0,
    state: { count: 1, queue: ["a", "b"] },
  });
  let version = 0;
  const write = (member: string, value: Json): void =>
    tv.take(["change", { s: "tv", from: version, to: ++version, ops: [["=", [member], value]] }]);
  return { tv, write };
}

test("React: what is selected is rendered, once for each change of it", async () => {
  const window = new Window();
  Object.assign(globalThis, { window, document: window.document, navigator: window.navigator, IS_REACT_ACT_ENVIRONMENT: true });
  const { act, createElement } = await import("react");
  const { hydrateRoot } = await import("react-dom/client");
  const { renderToString } = await import("react-dom/server");
  const { useStore } = await import("../src/react.ts");
  const { tv, write } = offline();
  let renders = 0;
  const Titles = () => {
    renders++;
    const count = useStore(tv, tv.$.count);
    // A new array at each call: its equal parts keep their reference.
    const titles = useStore(tv, (state) => state.queue.map((title) => title.toUpperCase()));
    return createElement("p", null, `${count} ${titles.join()}`);
  };
  const root = window.document.createElement("div");
  root.innerHTML = renderToString(createElement(Titles));
  assert.equal(root.textContent, "1 A,B");
  // A frame between the page and its hydration must not make them differ.
  write("count", 2);
  const errors: unknown[] = [];
  await act(async () => {
    hydrateRoot(root as never, createElement(Titles), { onRecoverableError: (error) => errors.push(error) });
  });
  assert.deepEqual([root.textContent, errors], ["2 A,B", []]);
  renders = 0;
  await act(async () => write("other", 1));
  assert.equal(renders, 0);
  await act(async () => write("queue", ["c"]));
  assert.deepEqual([root.textContent, renders], ["2 C", 1]);
});

test("Vue: a ref follows what is selected until its scope ends", async () => {
  const { effectScope, watch } = await import("vue");
  const { useStore } = await import("../src/vue.ts");
  const { tv, write } = offline();
  const seen: number[] = [];
  const scope = effectScope();
  const count = scope.run(() => {
    const count = useStore(tv, tv.$.count);
    watch(count, (value) => seen.push(value), { flush: "sync" });
    return count;
  })!;
  write("count", 2);
  write("other", 1);
  assert.deepEqual([count.value, seen], [2, [2]]);
  scope.stop();
  write("count", 3);
  assert.deepEqual([count.value, seen], [2, [2]]);
});

test("Solid: an accessor follows what is selected until its owner ends", async () => {
  const { createEffect, createRoot } = await import("solid-js");
  const { useStore } = await import("../src/solid.ts");
  const { tv, write } = offline();
  const seen: string[] = [];
  const end = createRoot((dispose) => {
    const queue = useStore(tv, tv.$.queue);
    createEffect(() => seen.push(queue().join()));
    return dispose;
  });
  write("queue", ["c"]);
  write("count", 2);
  assert.deepEqual(seen, ["a,b", "c"]);
  end();
  write("queue", []);
  assert.deepEqual(seen, ["a,b", "c"]);
});

test("Svelte: a readable store calls each subscriber at once and at each change", async () => {
  const { derived, get } = await import("svelte/store");
  const { readable } = await import("../src/svelte.ts");
  const { tv, write } = offline();
  const count = readable(tv, tv.$.count);
  const twice = derived(count as never, (value: number) => value * 2);
  const seen: number[] = [];
  const end = twice.subscribe((value) => seen.push(value));
  write("count", 2);
  write("other", 1);
  assert.deepEqual([get(twice), seen], [4, [2, 4]]);
  end();
  write("count", 3);
  assert.deepEqual(seen, [2, 4]);
});

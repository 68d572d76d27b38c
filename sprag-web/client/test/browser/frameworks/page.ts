/** What the pages of all frameworks share. */

import { store } from "../../../src/index.ts";
import type { Writable } from "../../../src/place.ts";
import type { Tv } from "../chromium.ts";

export const tv = store<Tv, { readonly title: Writable<string> }>("tv");

/** Lets the test mount a framework's page when it likes, and see its errors. */
export function page(mount: (main: Element, errors: string[]) => void): void {
  const errors: string[] = [];
  Object.assign(globalThis, { tv, errors, mount: () => mount(document.querySelector("main")!, errors) });
}

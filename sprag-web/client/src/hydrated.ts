/**
 * The data that the server wrote into the page: `<script type="application/json" data-sprag-
 * state>`.
 */

import type { Snapshot } from "./replica.ts";

type Hydrated = Snapshot & { s: string };

/** The state of the store `name`, or of its places, in the page's data, as JSON. */
export function hydrated(name: string, places?: string): Snapshot | undefined {
  if (typeof document === "undefined") return undefined;
  for (const script of document.querySelectorAll("script[data-sprag-state]")) {
    const states = JSON.parse(script.textContent!) as Hydrated[];
    const found = states.find(({ s, at }) => s === name && JSON.stringify(at) === places);
    if (found) return found;
  }
  return undefined;
}

/**
 * `/sprag/worker.js`, the network: a page imports its connection to the stream and its writers,
 * and a `SharedWorker` runs the same file as the holder of the stream.
 */

import { Hub } from "./hub.ts";

export { TabLink } from "./tabs.ts";

let hub: Hub | undefined;

/** Held as long as the worker lives: tabs wait for it, if the browser has locks. */
const alive = new Promise<void>((held) => {
  if (navigator.locks) void navigator.locks.request(self.name, () => (held(), new Promise(() => {})));
  else held();
});

addEventListener("connect", ({ ports }: MessageEventInit & Event) => {
  hub ??= new Hub(new URL(".", import.meta.url).href.slice(0, -1));
  void alive.then(() => hub!.connect(ports![0]!));
});

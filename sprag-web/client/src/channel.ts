/** The messages between tabs and the holder of their stream. */

import type { Status } from "./replica.ts";
import type { Frame, Scope } from "./stream.ts";

/** How often the hub sends its position, in ms. */
export const BEAT = 15_000;

/** The other side is gone once it has missed more beats than this. */
export const BEATS = 2;

/** A message from a tab to the hub; the second part is the tab's name. */
export type ToHub =
  | ["join" | "show", string, string, Joined]
  | ["leave", string, string]
  | ["resync", string, string, Pick<Joined, "position">]
  | ["bye", string];

/** A message from the hub to tabs: for one store, or for all by name. */
export type ToTab =
  | ["frame", string, Frame]
  | ["status", string, Status]
  | ["beat", Readonly<Record<string, string>>, null];

/** A store of a tab. */
export interface Joined {
  readonly scope: Scope;
  readonly writers: readonly string[];
  /** The tab's position, if it differs from that of the last beat. */
  readonly position?: string;
}

/** The other end: a tab's `MessagePort`, or the `BroadcastChannel` of many. */
export interface Port {
  postMessage(message: ToHub | ToTab): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

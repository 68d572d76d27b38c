/** What tabs and the holder of their stream say to each other. */
import type { Status } from "./replica.ts";
import type { Frame, Scope } from "./stream.ts";
/** How often the hub says where it is, in ms. */
export declare const BEAT = 15000;
/** The other side is gone once it has missed more beats than this. */
export declare const BEATS = 2;
/** What a tab says to the hub; the second part is the tab's name. */
export type ToHub = ["join", string, string, Joined] | ["leave", string, string] | ["resync", string, string, Pick<Joined, "position">] | ["bye", string];
/** What the hub says to tabs: in a store, or in all by name. */
export type ToTab = ["frame", string, Frame] | ["status", string, Status] | ["beat", Readonly<Record<string, string>>, null];
/** A store of a tab. */
export interface Joined {
    readonly scope: Scope;
    readonly writers: readonly string[];
    /** Where the tab is, if that is not what the last beat said. */
    readonly position?: string;
}
/** The other end: a tab's `MessagePort`, or the `BroadcastChannel` of many. */
export interface Port {
    postMessage(message: ToHub | ToTab): void;
    onmessage: ((event: MessageEvent) => void) | null;
    close(): void;
}

/**
 * One stream for all tabs of a browser: in a `SharedWorker` where there is one, which
 * no tab's state touches, and else in each tab.
 *
 * The worker beats with its positions. A tab whose position differs asks for what it
 * missed, and a tab that hears nothing for two beats opens a stream of its own.
 */
import { type Frame, type Link } from "./stream.ts";
import type { Status } from "./replica.ts";
/** A store of a tab, as the worker knows it. */
export interface Joined {
    readonly name: string;
    readonly writers: readonly string[];
    readonly position: string;
}
/** What a tab tells the worker. */
export type ToWorker = ["join", string, Joined] | ["leave", string] | ["resync", string] | ["position", Joined] | ["bye"];
/** What the worker tells a tab. */
export type ToTab = ["frame", Frame] | ["status", string, Status] | ["beat", [string, string][]];
export declare const BEAT = 15000;
/** The link for the router at `base`. */
export declare function linkTo(base: string): Link;

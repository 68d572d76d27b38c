/**
 * The stream of server-sent events for all stores of a page.
 *
 * The stream is a `fetch` and not an `EventSource`, which ends for good at a 503,
 * hides the status and has no jitter.
 */
import type { Answer, Commit, Replica, Snapshot, Status } from "./replica.ts";
import { Writers } from "./writer.ts";
/** A frame of the stream: what happened in the store `s`. */
export type Frame = ["snap", Snapshot & {
    s: string;
}] | ["change", Commit & {
    s: string;
}] | ["acks", {
    s: string;
    t: string;
    r: readonly Answer[] | null;
}] | ["denied", {
    s: string;
    why: string;
}];
/** The name of a store, and the places of it that a page shows, as JSON. */
export type Scope = readonly [store: string, places?: string];
/** A store's side of a stream. */
export interface Member {
    /** What its frames call it: the store's name, unless it has a scope. */
    readonly name: string;
    /** The store's name and the places that are shown, as JSON; without places the whole state. */
    readonly scope: Scope;
    /** Whose answers the stream shall repeat: `TAG@N`, where N is the last number used. */
    readonly writers: readonly string[];
    /** Where the store is in the server's history: `EPOCH.VERSION`, or nothing. */
    position(): string;
    take(frame: Frame): void;
    linked(status: Status): void;
    /** The state and the writes of the store; the holder of a stream for tabs has none. */
    readonly replica?: Replica;
}
/** How stores come to their frames. */
export interface Link {
    join(member: Member): void;
    leave(member: Member): void;
    /** Begins anew without a position, so that the answer is a snapshot. */
    resync(member: Member): void;
    /** Sends what the replica of a store has to send, to the store's address. */
    send(url: string, replica: Replica): void;
}
/** A stream of this page's own. */
export declare class Stream extends Writers implements Link {
    #private;
    constructor(base: string);
    join(member: Member): void;
    leave(member: Member): void;
    resync(member: Member): void;
}

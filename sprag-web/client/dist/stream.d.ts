/**
 * The stream of server-sent events for all stores of a page.
 *
 * The stream is a `fetch` and not an `EventSource`, which ends for good at a 503,
 * hides the status and has no jitter.
 */
import type { Answer, Commit, Replica, Snapshot, Status } from "./replica.ts";
import { Writers } from "./writer.ts";
/** A frame of the stream, with the name `s` of its store. */
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
    /** The name in its frames: the store's name, unless it has a scope. */
    readonly name: string;
    /** The store's name and the places that are shown, as JSON; without places the whole state. */
    readonly scope: Scope;
    /** The replies that the stream must repeat: `TAG@N`, where N is the last used number. */
    readonly writers: readonly string[];
    /** The store's position in the server's history: `EPOCH.VERSION`, or nothing. */
    position(): string;
    take(frame: Frame): void;
    linked(status: Status): void;
    /** The state and the writes of the store; the holder of a stream for tabs has none. */
    readonly replica?: Replica;
}
/** The source of a store's frames. */
export interface Link {
    join(member: Member): void;
    leave(member: Member): void;
    /** Reopens the stream without a position, so that it begins with a snapshot. */
    resync(member: Member): void;
    /** Shows the present scope of a store, whose state comes first. */
    show(member: Member): void;
    /** Sends the batches of a store's replica, to the store's address. */
    send(url: string, replica: Replica): void;
}
/** A stream of this page's own. */
export declare class Stream extends Writers implements Link {
    #private;
    constructor(base: string);
    join(member: Member): void;
    leave(member: Member): void;
    resync(member: Member): void;
    show(member: Member): void;
}

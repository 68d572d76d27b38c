/**
 * The state of one store in this page: the state that the server has confirmed, this tab's writes
 * without a reply, and the sum of both.
 *
 * The replica knows no network and no timer, so that tests drive it through any order of
 * events. Its outbox numbers what it has to send.
 */
import { type Address, type Json, type Op } from "./json.ts";
/** The state of a store's connection. */
export type Status = "connecting" | "live" | "stale" | "offline" | "denied";
/** A state with its position in the server's history. */
export interface Snapshot {
    /** The store instance on the server; it changes when the server restarts. */
    readonly e: string;
    readonly v: number;
    /** The places that the page shows, unless it shows the whole state. */
    readonly at?: readonly Address[];
    /** Absent if the page continues with its state, on another server of the same history. */
    readonly state?: Json;
}
/** Identifies a mutation of a page: the page's tag, and the mutation's number. */
export type Origin = readonly [string, number];
/** One commit. */
export interface Commit {
    readonly from: number;
    readonly to: number;
    readonly ops: readonly Op[];
    /** The tag and the number of the mutation that made the commit, if a client did; or several. */
    readonly by?: Origin | readonly Origin[] | null;
}
/** The server's reply to one mutation. */
export interface Answer {
    readonly n: number;
    /** The version that the mutation made, or the version at which it was refused. */
    readonly v?: number;
    readonly err?: string;
    readonly why?: string;
    /** With `gap`: the last number that the server knows; 0 if it does not know the page's tag. */
    readonly last?: number;
}
/** A mutation in the form in which it is sent. */
export interface Sent {
    readonly n: number;
    readonly ops: readonly Op[];
    /** Whether it was sent before: a server that has forgotten this page must not make it. */
    readonly again?: true;
    readonly if?: readonly Condition[];
}
/** Mutations of one page in one request. */
export interface Batch {
    readonly e: string;
    readonly t: string;
    readonly m: readonly Sent[];
}
/**
 * A place and its expected value, which a mutation requires; without a value the place must be
 * absent.
 */
export type Condition = readonly [Address, Json] | readonly [Address];
/** Why a write was refused. */
export declare class Refused extends Error {
    /** `readonly`, `denied`, `place`, `type`, `invalid`, `conflict`, `unknown` … */
    readonly kind: string;
    /** The reason, for a person; empty where the server gave none. */
    readonly why: string;
    readonly name = "Refused";
    constructor(
    /** `readonly`, `denied`, `place`, `type`, `invalid`, `conflict`, `unknown` … */
    kind: string, 
    /** The reason, for a person; empty where the server gave none. */
    why?: string);
}
/** A write of this page that the state does not hold yet. */
export interface Pending {
    ops: readonly Op[];
    conditions?: readonly Condition[];
    /** Set once the mutation is numbered, in the present epoch. */
    n?: number;
    /** Set once an attempt got no reply. */
    again?: true;
    /** The version that the mutation made, while the state is older than that version. */
    acked?: number;
    resolve(version: number): void;
    reject(kind: string, why?: string): void;
}
/** Whether the server has not said yet that it made the write. */
export declare const isOpen: ({ acked }: Pending) => boolean;
/** What a replica asks of the store around it. */
export interface Host {
    /** The view has changed. */
    changed(): void;
    /** There is a batch to send. */
    send(): void;
    /** The stream must be reopened without a position. */
    resync(): void;
}
export declare class Replica {
    #private;
    /** The tag of this page among the writers of the store. */
    tag: string;
    readonly host: Host;
    epoch: string | undefined;
    version: number;
    /** The shown state: the confirmed state with the pending writes in it. */
    view: Json | undefined;
    /** The state in the page, for a framework's first render. */
    hydrated: Json | undefined;
    /** The writes of this page that the state does not hold yet, in their order. */
    pending: Pending[];
    /** The number of the next write that is sent. */
    next: number;
    /** Called when the state has changed, until they answer that they are done. */
    waiters: (() => boolean)[];
    constructor(
    /** The tag of this page among the writers of the store. */
    tag: string, host: Host);
    /** The state in the page. */
    hydrate(snapshot: Snapshot): void;
    /** Applies `ops`, which are shown at once; resolves with the version that they made. */
    mutate(ops: readonly Op[], conditions?: readonly Condition[]): Promise<number>;
    /**
     * Compares and sets the result of `change` for the value at `address`, until no other write
     * comes between.
     */
    update(address: Address, change: (value: Json | undefined) => Json): Promise<number>;
    /** This page's introduction to the server: its tag, and the last used number. */
    get writer(): string;
    /** How many writes the server has not yet confirmed. */
    get unconfirmed(): number;
    change(commit: Commit): void;
    snap({ e, v, state }: Snapshot): void;
    /** Rejects every waiting write: the user may not use this store. */
    deny(why: string): void;
    /** Numbers begin anew: whether what was numbered before was made cannot be known. */
    restart(why: string): void;
    /**
     * Numbers begin anew under another tag, so that no late answer, and no commit that another
     * server made, is taken for that of a new number.
     */
    rename(): void;
    /** Takes the write of the number `n` out, unless it was made: its version takes it out then. */
    take(n: number): Pending | undefined;
    /** Shows what the state and the writes make together. */
    refresh(): void;
}

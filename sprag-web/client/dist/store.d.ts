/** A store as a page uses it. */
import { type ElementOf, type Insertable, type PartOf, type Patch, type Readable, type Removable, type Resizable, type SetOf, type Writable } from "./place.ts";
import { Replica, type Snapshot, type Status } from "./replica.ts";
import { type Frame, type Link, type Member, type Scope } from "./stream.ts";
/** The places of a state, by their text; the generated types name them all. */
export type Places = Record<string, unknown>;
/** A function of the state, a place, or a place's text. */
export type Selector<T, K, P> = ((state: T) => K) | Readable<K> | (keyof P & string);
export interface Change {
    /** The version of the state that the subscriber receives. */
    readonly version: number;
}
/** The server's state under a name: `T` is its type, `$` its places, `P` the same by text. */
export declare class Store<T, $ = unknown, P extends Places = Places> implements Member {
    #private;
    /** The store's name; a store at some places has a name of its own. */
    readonly name: string;
    /** The places of the state: `tv.$.playback.position`. */
    readonly $: $;
    /** @internal */
    scope: Scope;
    /** @internal Whether the store is in the stream; `undefined` before its first use. */
    isOpen?: boolean;
    /** @internal */
    readonly replica: Replica;
    constructor(
    /** The store's name; a store at some places has a name of its own. */
    name: string, base: string, link: Link, hydrated?: Snapshot, scope?: Scope);
    /**
     * The store at these places alone: the other members of the state are left out, and their
     * changes are not sent. A place leads through members and keys, but not to an element of a
     * list or to a member of a set. Close the store when the page no longer shows it.
     */
    at(...places: (Readable<unknown> | (keyof P & string))[]): Store<T, $, P>;
    /**
     * Shows other places, like `at`, for example when a window has moved. Their state is sent once.
     */
    show(...places: (Readable<unknown> | (keyof P & string))[]): void;
    /** Resolves once there is a state; rejects if the user may not read the store. */
    get ready(): Promise<void>;
    /** How fresh the state is. */
    get status(): Status;
    /** The version of the last commit in the state; -1 before there is a state. */
    get version(): number;
    /** How many of this page's writes the server has not yet confirmed. */
    get unconfirmed(): number;
    /**
     * The state, or the value at a place. An unchanged value keeps its reference. Before `ready`,
     * and if the place is absent, the value is `undefined`.
     */
    get(): T;
    get<V>(place: Readable<V>): V;
    get<N extends keyof P & string>(text: N): P[N];
    /** The value in the page's data, until the first change is shown. */
    initial(): T;
    /** Sets the value at a place. Every write is shown at once and resolves with its version. */
    set<V>(place: Writable<V>, value: V): Promise<number>;
    /** Sets the named members of the state, or of the struct at `place`. */
    patch(patch: Patch<T, $>): Promise<number>;
    patch<Place extends Readable<unknown>>(patch: Patch<object, Place>, place: Place): Promise<number>;
    /** Sets the result of `change` for the value; repeats that whenever another write came first. */
    update<V>(place: Writable<V>, change: (value: V) => V): Promise<number>;
    /** Appends to a list. */
    push<V>(place: Insertable<readonly V[]>, ...values: V[]): Promise<number>;
    /** Inserts into a list before an index, or into a map under a key. */
    insert<C>(place: Insertable<C>, part: PartOf<C>, value: ElementOf<C>): Promise<number>;
    /** Removes an element or an entry, if it is shown. */
    remove<C>(place: Removable<C>, part: PartOf<C>): Promise<number>;
    /** Adds a member to a set, if it is not there. */
    add<Member>(set: SetOf<Member>, member: NoInfer<Member>): Promise<number>;
    /** Deletes a member from a set, if it is there. */
    delete<Member>(set: SetOf<Member>, member: NoInfer<Member>): Promise<number>;
    /**
     * Calls `listener` when the value of `selector` has changed; with `immediate` also at once.
     * Returns the function that unsubscribes.
     */
    subscribe<K>(selector: ((state: T) => K) | Readable<K>, listener: (value: K, change: Change) => void, options?: {
        immediate?: boolean;
    }): () => void;
    subscribe<N extends keyof P & string>(text: N, listener: (value: P[N], change: Change) => void, options?: {
        immediate?: boolean;
    }): () => void;
    /** Calls `listener` when `status` has changed. */
    onStatus(listener: (status: Status) => void): () => void;
    /**
     * @internal The value of `selector` in `state`, which is a present or an earlier view of this
     * store.
     */
    selected<K>(selector: Selector<T, K, P>, state: unknown): unknown;
    /** The place of a text that the generated types do not have. */
    place(text: keyof P & string): Resizable<P[typeof text]>;
    /** Closes this store for good: it leaves the stream. The next `store` of its name is a new one. */
    close(): void;
    /** @internal */
    get writers(): string[];
    /** @internal */
    position(): string;
    /** @internal */
    take(frame: Frame): void;
    /** @internal */
    linked(status: Status): void;
}

/** A store as a page uses it. */

import { type Address, type Json, type JsonObject, type Op, read, share } from "./json.ts";
import { hydrated } from "./hydrated.ts";
import {
  addressOf, type ElementOf, type Insertable, type PartOf, type Patch, placeAt,
  type Readable, type Removable, type Resizable, type SetOf, type Writable,
} from "./place.ts";
import { type Condition, Refused, Replica, type Snapshot, type Status } from "./replica.ts";
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
export class Store<T, $ = unknown, P extends Places = Places> implements Member {
  /** The places of the state: `tv.$.playback.position`. */
  readonly $: $ = placeAt([]) as $;
  /** @internal */
  scope: Scope;

  readonly #ready: Promise<void>;
  readonly #base: string;
  readonly #link: Link;
  /** @internal Whether the store is in the stream; `undefined` before its first use. */
  isOpen?: boolean;
  #current: Status = "connecting";
  /** @internal */
  readonly replica: Replica;
  readonly #url: string;
  readonly #listeners = new Set<() => void>();
  readonly #statusListeners = new Set<(status: Status) => void>();
  #arrived!: () => void;
  #refuse!: (error: Refused) => void;

  constructor(
    /** The store's name; a store at some places has a name of its own. */
    readonly name: string,
    base: string,
    link: Link,
    hydrated?: Snapshot,
    scope: Scope = [name],
  ) {
    this.#link = link;
    this.#base = base;
    this.scope = scope;
    this.#ready = new Promise((resolve, reject) => {
      this.#arrived = resolve;
      this.#refuse = reject;
    });
    this.#ready.catch(() => {});
    this.replica = new Replica(randomTag(), {
      changed: () => this.#changed(),
      // In a turn of its own, so that the writes of one turn are sent together.
      send: () => queueMicrotask(() => this.#send()),
      resync: () => link.resync(this),
    });
    this.#url = `${base}/store/${encodeURIComponent(scope[0])}`;
    if (hydrated) this.replica.hydrate(hydrated);
  }

  /**
   * The store at these places alone: the other members of the state are left out, and their
   * changes are not sent. A place leads through members and keys, but not to an element of a
   * list or to a member of a set. Close the store when the page no longer shows it.
   */
  at(...places: (Readable<unknown> | (keyof P & string))[]): Store<T, $, P> {
    const scope = this.#scope(places);
    return new Store(`${scope[0]}~${randomTag()}`, this.#base, this.#link, hydrated(...scope), scope);
  }

  /**
   * Shows other places, like `at`, for example when a window has moved. Their state is sent once.
   */
  show(...places: (Readable<unknown> | (keyof P & string))[]): void {
    const [, last] = this.scope;
    this.scope = this.#scope(places);
    if (last === this.scope[1]) return;
    this.#open();
    this.#link.show(this);
  }

  /** Resolves once there is a state; rejects if the user may not read the store. */
  get ready(): Promise<void> {
    this.#open();
    return this.#ready;
  }

  /** How fresh the state is. */
  get status(): Status {
    return this.#current;
  }

  /** The version of the last commit in the state; -1 before there is a state. */
  get version(): number {
    return this.replica.version;
  }

  /** How many of this page's writes the server has not yet confirmed. */
  get unconfirmed(): number {
    return this.replica.unconfirmed;
  }

  /**
   * The state, or the value at a place. An unchanged value keeps its reference. Before `ready`,
   * and if the place is absent, the value is `undefined`.
   */
  get(): T;
  get<V>(place: Readable<V>): V;
  get<N extends keyof P & string>(text: N): P[N];
  get(place?: object | string): unknown {
    this.#open();
    const { view } = this.replica;
    return place === undefined ? view : read(view, addressOf(place, view));
  }

  /** The value in the page's data, until the first change is shown. */
  initial(): T {
    return (this.replica.hydrated ?? this.replica.view) as T;
  }

  /** Sets the value at a place. Every write is shown at once and resolves with its version. */
  set<V>(place: Writable<V>, value: V): Promise<number> {
    return this.#write([["=", this.#address(place), value as Json]]);
  }

  /** Sets the named members of the state, or of the struct at `place`. */
  patch(patch: Patch<T, $>): Promise<number>;
  patch<Place extends Readable<unknown>>(patch: Patch<object, Place>, place: Place): Promise<number>;
  patch(patch: object, place?: object): Promise<number> {
    const at = this.#address(place ?? (this.$ as object));
    const named = Object.entries(patch as JsonObject).filter(([, value]) => value !== undefined);
    return this.#write(named.map(([member, value]) => ["=", [...at, member], value]));
  }

  /** Sets the result of `change` for the value; repeats that whenever another write came first. */
  update<V>(place: Writable<V>, change: (value: V) => V): Promise<number> {
    return this.replica.update(this.#address(place), change as unknown as (value: Json | undefined) => Json);
  }

  /** Appends to a list. */
  push<V>(place: Insertable<readonly V[]>, ...values: V[]): Promise<number> {
    const end: Address = [...this.#address(place), "-"];
    return this.#write(values.length ? [["+", end, ...(values as Json[])]] : []);
  }

  /** Inserts into a list before an index, or into a map under a key. */
  insert<C>(place: Insertable<C>, part: PartOf<C>, value: ElementOf<C>): Promise<number> {
    return this.#write([["+", [...this.#address(place), part], value as Json]]);
  }

  /** Removes an element or an entry, if it is shown. */
  remove<C>(place: Removable<C>, part: PartOf<C>): Promise<number> {
    const at = [...this.#address(place), part];
    const shown = read(this.replica.view, at);
    return this.#write([["-", at]], [shown === undefined ? [at] : [at, shown]]);
  }

  /** Adds a member to a set, if it is not there. */
  add<Member>(set: SetOf<Member>, member: NoInfer<Member>): Promise<number> {
    return this.#write([["+", [...this.#address(set), [member as Json]]]]);
  }

  /** Deletes a member from a set, if it is there. */
  delete<Member>(set: SetOf<Member>, member: NoInfer<Member>): Promise<number> {
    return this.#write([["-", [...this.#address(set), [member as Json]]]]);
  }

  /**
   * Calls `listener` when the value of `selector` has changed; with `immediate` also at once.
   * Returns the function that unsubscribes.
   */
  subscribe<K>(
    selector: ((state: T) => K) | Readable<K>,
    listener: (value: K, change: Change) => void,
    options?: { immediate?: boolean },
  ): () => void;
  subscribe<N extends keyof P & string>(
    text: N,
    listener: (value: P[N], change: Change) => void,
    options?: { immediate?: boolean },
  ): () => void;
  subscribe(
    selector: Selector<T, unknown, P>,
    listener: (value: never, change: Change) => void,
    { immediate = false } = {},
  ): () => void {
    this.#open();
    let last: unknown;
    const select = (): unknown => share(last, this.selected(selector, this.replica.view));
    last = select();
    const tell = (): void => listener(last as never, { version: this.version });
    const look = (): void => {
      const next = select();
      if (Object.is(last, next)) return;
      last = next;
      tell();
    };
    this.#listeners.add(look);
    if (immediate && this.replica.view !== undefined) tell();
    return () => void this.#listeners.delete(look);
  }

  /** Calls `listener` when `status` has changed. */
  onStatus(listener: (status: Status) => void): () => void {
    this.#statusListeners.add(listener);
    return () => void this.#statusListeners.delete(listener);
  }

  /**
   * @internal The value of `selector` in `state`, which is a present or an earlier view of this
   * store.
   */
  selected<K>(selector: Selector<T, K, P>, state: unknown): unknown {
    if (state === undefined) return undefined;
    if (typeof selector === "function") return selector(state as T);
    return read(state as Json, addressOf(selector, state as Json));
  }

  /** The place of a text that the generated types do not have. */
  place(text: keyof P & string): Resizable<P[typeof text]> {
    return placeAt(addressOf(text, this.replica.view)) as Resizable<P[typeof text]>;
  }

  /** Closes this store for good: it leaves the stream. The next `store` of its name is a new one. */
  close(): void {
    this.isOpen = false;
    this.#link.leave(this);
    this.#listeners.clear();
  }

  /** @internal */
  get writers(): string[] {
    return [this.replica.writer];
  }

  /** @internal */
  position(): string {
    const { epoch, version } = this.replica;
    return epoch === undefined ? "" : `${epoch}.${version}`;
  }

  /** @internal */
  take(frame: Frame): void {
    if (frame[0] === "snap") this.replica.snap(frame[1]);
    else if (frame[0] === "change") this.replica.change(frame[1]);
    else if (frame[0] === "denied") return this.#deny(frame[1].why);
    this.#send();
  }

  /** @internal */
  linked(status: Status): void {
    if (status === "denied") this.#deny("");
    // Without a state nothing is stale yet.
    else if (status !== "stale" || this.version >= 0) this.#enter(status);
  }

  #scope(places: readonly (object | string)[]): Scope {
    return [this.scope[0], JSON.stringify(places.map((place) => addressOf(place, undefined)))];
  }

  /** Joins the stream at the first use: an unused store costs nothing. */
  #open(): void {
    if (this.isOpen !== undefined) return;
    this.isOpen = true;
    this.#link.join(this);
  }

  #send(): void {
    this.#link.send(this.#url, this.replica);
  }

  #enter(status: Status): void {
    if (status === this.#current) return;
    this.#current = status;
    for (const listener of [...this.#statusListeners]) guarded(() => listener(status));
  }

  #deny(why: string): void {
    this.#enter("denied");
    this.#refuse(new Refused("denied", why));
    this.replica.deny(why);
  }

  #address(place: object): Address {
    this.#open();
    return addressOf(place, this.replica.view);
  }

  #write(ops: Op[], conditions?: readonly Condition[]): Promise<number> {
    if (this.#current === "denied") return Promise.reject(new Refused("denied"));
    if (!ops.length) return Promise.resolve(this.version);
    return this.replica.mutate(ops, conditions);
  }

  #changed(): void {
    this.#arrived();
    for (const look of [...this.#listeners]) if (this.#listeners.has(look)) guarded(look);
  }
}

/** A listener that throws is reported like any uncaught error, and the others still run. */
function guarded(f: () => void): void {
  try {
    f();
  } catch (error) {
    reportError(error);
  }
}

/** Not `crypto.randomUUID`, which a page on plain http does not have. */
function randomTag(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36)).join("");
}

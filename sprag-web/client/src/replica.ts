/**
 * The state of one store in this page: the state that the server has confirmed, this tab's writes
 * without a reply, and the sum of both.
 *
 * The replica knows no network and no timer, so that tests drive it through any order of
 * events. Its outbox numbers what it has to send.
 */

import { type Address, apply, applyAll, equal, type Json, type Op, read, share } from "./json.ts";

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
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    /** `readonly`, `denied`, `place`, `type`, `invalid`, `conflict`, `unknown` … */
    readonly kind: string,
    /** The reason, for a person; empty where the server gave none. */
    readonly why = "",
  ) {
    super(why ? `${kind}: ${why}` : kind);
  }
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
export const isOpen = ({ acked }: Pending): boolean => acked === undefined;

/** What a replica asks of the store around it. */
export interface Host {
  /** The view has changed. */
  changed(): void;
  /** There is a batch to send. */
  send(): void;
  /** The stream must be reopened without a position. */
  resync(): void;
}

export class Replica {
  epoch: string | undefined;
  version = -1;
  /** The shown state: the confirmed state with the pending writes in it. */
  view: Json | undefined;
  /** The state in the page, for a framework's first render. */
  hydrated: Json | undefined;
  /** The writes of this page that the state does not hold yet, in their order. */
  pending: Pending[] = [];
  /** The number of the next write that is sent. */
  next = 1;
  /** Called when the state has changed, until they answer that they are done. */
  waiters: (() => boolean)[] = [];

  #confirmed: Json | undefined;
  /** The confirmed state in the last view. */
  #last: Json | undefined;

  constructor(
    /** The tag of this page among the writers of the store. */
    public tag: string,
    readonly host: Host,
  ) {}

  /** The state in the page. */
  hydrate(snapshot: Snapshot): void {
    this.hydrated ??= snapshot.state;
    if (this.epoch === undefined) this.snap(snapshot);
  }

  /** Applies `ops`, which are shown at once; resolves with the version that they made. */
  mutate(ops: readonly Op[], conditions?: readonly Condition[]): Promise<number> {
    return new Promise((resolve, refuse) => {
      const reject = (kind: string, why?: string): void => refuse(new Refused(kind, why));
      this.pending.push({ ops, ...(conditions && { conditions }), resolve, reject });
      this.refresh();
      this.host.send();
    });
  }

  /**
   * Compares and sets the result of `change` for the value at `address`, until no other write
   * comes between.
   */
  async update(address: Address, change: (value: Json | undefined) => Json): Promise<number> {
    for (;;) {
      const current = read(this.view, address);
      try {
        const condition: Condition = current === undefined ? [address] : [address, current];
        return await this.mutate([["=", address, change(current)]], [condition]);
      } catch (error) {
        if (!(error instanceof Refused && error.kind === "conflict")) throw error;
        // The page does not show the place, which exists: no attempt would succeed.
        if (current === undefined && read(this.view, address) === undefined) throw error;
      }
    }
  }

  /** This page's introduction to the server: its tag, and the last used number. */
  get writer(): string {
    return `${this.tag}@${this.next - 1}`;
  }

  /** How many writes the server has not yet confirmed. */
  get unconfirmed(): number {
    return this.pending.length;
  }

  change(commit: Commit): void {
    if (this.#confirmed === undefined || commit.to <= this.version) return;
    if (commit.from !== this.version) return this.host.resync();
    try {
      this.#confirmed = applyAll(this.#confirmed, commit.ops);
    } catch {
      return this.host.resync();
    }
    this.version = commit.to;
    const by = commit.by ?? [];
    for (const [tag, n] of (typeof by[0] === "string" ? [by] : by) as Origin[]) {
      if (tag === this.tag) this.take(n)?.resolve(commit.to);
    }
    this.refresh();
  }

  snap({ e, v, state }: Snapshot): void {
    // A tab that has no state yet gets one of its own.
    if (e === this.epoch ? v < this.version : state === undefined && this.epoch === undefined) return;
    const isNew = e !== this.epoch;
    if (isNew) {
      this.epoch = e;
      this.restart("the server restarted");
    }
    if (state !== undefined) {
      this.#confirmed = share(this.#confirmed, state) as Json;
      this.version = v;
      // What was made before is in the state, and its version is of the earlier epoch.
      if (isNew) this.#keep(isOpen);
    }
    this.refresh();
  }

  /** Rejects every waiting write: the user may not use this store. */
  deny(why: string): void {
    for (const pending of this.pending.splice(0)) pending.reject("denied", why);
    this.refresh();
  }

  /** Numbers begin anew: whether what was numbered before was made cannot be known. */
  restart(why: string): void {
    this.rename();
    this.#keep((pending) => {
      if (pending.n === undefined || !isOpen(pending)) return true;
      pending.reject("unknown", why);
      return false;
    });
  }

  /**
   * Numbers begin anew under another tag, so that no late answer, and no commit that another
   * server made, is taken for that of a new number.
   */
  rename(): void {
    const [page, life] = this.tag.split("~");
    if (this.next > 1) this.tag = `${page}~${~~life! + 1}`;
    this.next = 1;
  }

  /** Takes the write of the number `n` out, unless it was made: its version takes it out then. */
  take(n: number): Pending | undefined {
    const taken = this.pending.find((pending) => pending.n === n && isOpen(pending));
    this.#keep((pending) => pending !== taken);
    return taken;
  }

  #keep(kept: (pending: Pending) => boolean): void {
    this.pending = this.pending.filter(kept);
  }

  /** Shows what the state and the writes make together. */
  refresh(): void {
    if (this.#confirmed === undefined) return;
    this.#keep((pending) => isOpen(pending) || pending.acked! > this.version);
    const last = this.view;
    const next = this.pending.reduce(attempt, this.#confirmed);
    // A state keeps the parts of the confirmed one before; a view that had writes in it has others.
    this.view = last === this.#last ? next : (share(last, next) as Json);
    if (!this.pending.length) this.#confirmed = this.view;
    this.#last = this.#confirmed;
    this.waiters = this.waiters.filter((done) => !done());
    if (last !== this.view) this.host.changed();
  }
}

/** A pending write that does not fit the confirmed state is hidden until it gets a reply. */
function attempt(state: Json, pending: Pending): Json {
  try {
    const fits = pending.conditions?.every(([address, value]) => equal(read(state, address), value));
    return fits === false ? state : pending.ops.reduce(apply, state);
  } catch {
    return state;
  }
}

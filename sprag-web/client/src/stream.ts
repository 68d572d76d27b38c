/**
 * The stream of server-sent events for all stores of a page.
 *
 * The stream is a `fetch` and not an `EventSource`, which ends for good at a 503,
 * hides the status and has no jitter.
 */

import { backoff, pause } from "./backoff.ts";
import type { Answer, Commit, Replica, Snapshot, Status } from "./replica.ts";
import { post, Writers } from "./writer.ts";

/** A frame of the stream, with the name `s` of its store. */
export type Frame =
  | ["snap", Snapshot & { s: string }]
  | ["change", Commit & { s: string }]
  | ["acks", { s: string; t: string; r: readonly Answer[] | null }]
  | ["denied", { s: string; why: string }];

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

/** The server sends a comment every 15 s; a stream that is silent for longer is dead. */
const SILENCE = 40_000;

/** A stream of this page's own. */
export class Stream extends Writers implements Link {
  readonly #base: string;
  #members = new Map<string, Member>();
  /** The stores that need a state, each with the number of its last request for one. */
  #afresh = new Map<string, number>();
  #requests = 0;
  /** The name of the stream, while it is open. */
  #open = "";
  /** The stores whose scope the server does not know yet. */
  #moved = new Set<Member>();
  #isTelling = false;
  /** Counts the openings: the work of an earlier opening ends. */
  #life = 0;
  #abort = new AbortController();
  #failures = 0;

  constructor(base: string) {
    super();
    this.#base = base;
  }

  join(member: Member): void {
    this.#members.set(member.name, member);
    this.#reopen();
  }

  leave(member: Member): void {
    if (this.#members.get(member.name) !== member) return;
    this.#members.delete(member.name);
    this.#reopen();
  }

  resync(member: Member): void {
    this.#afresh.set(member.name, ++this.#requests);
    this.#reopen();
  }

  show(member: Member): void {
    this.#afresh.set(member.name, ++this.#requests);
    this.#moved.add(member);
    void this.#tell();
  }

  /** Sends the scopes that the open stream does not know, one request at a time. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let c: string; (c = this.#open) && this.#moved.size; ) {
      const m = Array.from(this.#moved, ({ name, scope: [, at] }) => ({ s: name, at, k: this.#afresh.get(name) }));
      this.#moved.clear();
      const response = await post(`${this.#base}/live`, { c, m });
      if (!response?.ok && this.#open === c) this.#reopen();
    }
    this.#isTelling = false;
  }

  /** Reopens the stream after everything in this turn has happened. */
  #reopen(): void {
    const life = ++this.#life;
    this.#open = "";
    queueMicrotask(() => {
      if (this.#life !== life) return;
      this.#abort.abort();
      if (this.#members.size) void this.#run(life);
    });
  }

  async #run(life: number): Promise<void> {
    for (;;) {
      const abort = (this.#abort = new AbortController());
      const denied = await this.#once(abort, life).catch(() => false);
      if (this.#life !== life) return;
      const offline = globalThis.navigator?.onLine === false;
      for (const member of this.#members.values()) member.linked(denied ? "denied" : offline ? "offline" : "stale");
      if (denied) return;
      // An `abort` ends the pause.
      const aborted = new Promise((done) => abort.signal.addEventListener("abort", done));
      await Promise.race([aborted, pause(backoff(this.#failures++))]);
      if (this.#life !== life) return;
    }
  }

  /** Reads one stream to its end; returns whether the user is denied. */
  async #once(abort: AbortController, life: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), SILENCE);
    };
    alive();
    try {
      const name = `${Math.random()}`;
      const response = await fetch(this.#url(name), { cache: "no-store", signal: abort.signal });
      const { status, body } = response;
      if (status === 401 || status === 403) {
        const { why = "" } = await response.json().catch(() => ({}));
        if (this.#life === life) for (const member of this.#members.values()) member.take(["denied", { s: member.name, why }]);
        return true;
      }
      if (status !== 200 || this.#life !== life) return false;
      this.#open = name;
      void this.#tell();
      await events(body!, alive, (event, data) => {
        // Frames after a `resync` in the same turn do not belong to it.
        if (abort.signal.aborted || this.#life !== life) return;
        this.#failures = 0;
        const member = this.#members.get(data.s);
        // The state of an earlier scope is not the one that was requested.
        if (event === "snap" && !(member?.scope[1] && data.k !== this.#afresh.get(data.s))) this.#afresh.delete(data.s);
        if (event !== "denied") member?.linked("live");
        if (member) this.deliver(member, [event, data] as Frame);
      });
      return false;
    } finally {
      clearTimeout(timer);
      if (this.#life === life) this.#open = "";
    }
  }

  #url(c: string): string {
    const query = new URLSearchParams({ c });
    this.#moved.clear();
    for (const member of this.#members.values()) {
      const { name, scope: [store, places] } = member;
      const [position, afresh] = [member.position(), this.#afresh.get(name)];
      // New places are requested with their present value, or later.
      query.append("s", position && (places || !afresh) ? `${store}@${position}` : store);
      if (!places) continue;
      query.append("as", name);
      query.append("at", places);
      if (afresh) query.append("new", `${afresh}`);
    }
    for (const { writers } of this.#members.values()) for (const writer of writers) query.append("t", writer);
    return `${this.#base}/live?${query}`;
  }
}

/** Reads a stream to its end: `take` receives each event's name and data. */
async function events(
  body: ReadableStream<Uint8Array>,
  alive: () => void,
  take: (event: string, data: { s: string; k?: number }) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  // A large snapshot comes in many chunks, which are joined once.
  let chunks: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const last = chunks.at(-1) ?? "";
    chunks.push(value);
    if (!(last.slice(-1) + value).includes("\n\n")) continue;
    const blocks = chunks.join("").split("\n\n");
    chunks = [blocks.pop()!];
    for (const block of blocks) {
      // The server writes each event's data in one line, as JSON allows. `.`, `^` and `$` would end
      // at a U+2028, which JSON may contain in a text.
      const [, event, data] = /(?:^|\n)event: ([^\n]*)\ndata: ([^\n]*)/.exec(block) ?? [];
      if (data) take(event!, JSON.parse(data));
    }
  }
}

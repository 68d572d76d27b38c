/**
 * A server of one store, as the protocol describes it and as simply as possible: the
 * reference that the replica is tested against.
 */

import { apply, equal, type Json, read } from "../src/json.ts";
import type { Answer, Commit, Sent, Snapshot } from "../src/replica.ts";

const KEPT = 64;

interface Writer {
  last: number;
  answers: Answer[];
}

/** What comes before the instance in an epoch: the servers of one log share it. */
export const history = (epoch: string): string => epoch.split("-")[0]!;

export class Server {
  version = 0;
  commits: Commit[] = [];
  private writers = new Map<string, Writer>();

  constructor(
    readonly epoch: string,
    public state: Json,
    /** How many commits a client that comes back can be given. */
    private readonly ring: number,
    private readonly refuses: (state: Json) => string | undefined = () => undefined,
  ) {}

  write(commit: Pick<Commit, "ops" | "by">): number {
    this.state = commit.ops.reduce(apply, this.state);
    this.commits.push({ from: this.version, to: ++this.version, ...commit });
    return this.version;
  }

  /** Another server of the same log: the same history, in which it knows no writer. */
  sibling(instance: number): Server {
    const other = new Server(`${history(this.epoch)}-${instance}`, this.state, this.ring, this.refuses);
    [other.version, other.commits] = [this.version, [...this.commits]];
    return other;
  }

  /** Forgets the writers, as a server does whose page wrote nothing for long. */
  forget(): void {
    this.writers.clear();
  }

  /** What a stream begins with, for a client at a position. */
  resume(writer: string, position: { e: string; v: number } | undefined): { acks: Answer[] | null; snap?: Snapshot; commits: Commit[] } {
    // A page that has written nothing is known from here on; one that has, and is not
    // known, was forgotten.
    const [tag, used] = writer.split("@") as [string, string];
    const acks = used === "0" || this.writers.has(tag) ? this.writer(tag).answers : null;
    const isShared = position && history(position.e) === history(this.epoch);
    const missed = isShared ? this.commits.filter(({ to }) => to > position.v) : undefined;
    if (missed && missed.length <= this.ring) {
      return { acks, commits: missed, ...(position!.e !== this.epoch && { snap: { e: this.epoch, v: position!.v } }) };
    }
    return { acks, snap: { e: this.epoch, v: this.version, state: this.state }, commits: [] };
  }

  /** A `POST`: its status and what it answers. */
  post({ e, t, m }: { e: string; t: string; m: readonly Sent[] }): { status: 200; r: Answer[] } | { status: 409 } {
    if (e !== this.epoch) return { status: 409 };
    return { status: 200, r: m.map((sent) => this.once(t, sent)) };
  }

  private writer(tag: string): Writer {
    const writer = this.writers.get(tag) ?? { last: 0, answers: [] };
    this.writers.set(tag, writer);
    return writer;
  }

  private once(tag: string, sent: Sent): Answer {
    const { n, again } = sent;
    const known = this.writers.get(tag);
    // What was sent before may have been made before the writer was forgotten.
    if (!known && again) return { n, err: "forgotten" };
    const last = known?.last ?? 0;
    if (n > last + 1) return { n, err: "gap", last };
    if (n <= last) return known!.answers.find((answer) => answer.n === n) ?? { n, err: "forgotten" };
    const writer = this.writer(tag);
    const answer = this.attempt(tag, sent);
    writer.last = n;
    writer.answers = [...writer.answers, answer].slice(-KEPT);
    return answer;
  }

  private attempt(tag: string, { n, ops, if: conditions = [] }: Sent): Answer {
    const v = this.version;
    if (!conditions.every(([at, value]) => equal(read(this.state, at), value))) return { n, err: "conflict", v };
    let next: Json;
    try {
      next = ops.reduce(apply, this.state);
    } catch {
      return { n, err: "place", v };
    }
    const why = this.refuses(next);
    if (why) return { n, err: "invalid", why, v };
    return { n, v: this.write({ ops, by: [tag, n] }) };
  }
}

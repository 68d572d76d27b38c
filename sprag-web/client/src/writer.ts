/** The `POST`s of writes. */

import { backoff, pause } from "./backoff.ts";
import { Outbox } from "./outbox.ts";
import type { Origin, Replica } from "./replica.ts";
import type { Frame, Member } from "./stream.ts";

/** A page that takes longer for a frame rests, in ms. */
const SLOW = 16;

/** Appends a frame, or joins it with the last one if both are commits that follow each other. */
function joined(frames: Frame[], frame: Frame): Frame[] {
  const last = frames.at(-1);
  if (last?.[0] !== "change" || frame[0] !== "change" || last[1].to !== frame[1].from) return [...frames, frame];
  const [one, two] = [last[1], frame[1]];
  const by = [one, two].flatMap(({ by }) => (!by?.length ? [] : typeof by[0] === "string" ? [by] : by) as Origin[]);
  return [...frames.slice(0, -1), ["change", { ...two, from: one.from, by, ops: [...one.ops, ...two.ops] }]];
}

/** The writers of a page's stores. */
export class Writers {
  readonly #writers = new WeakMap<Replica, Writer>();
  /** The frames of the stores whose page rests from a slow one. */
  readonly #held = new Map<Member, Frame[]>();

  send(url: string, replica: Replica): void {
    void this.#writer(replica).flush(url);
  }

  /**
   * Passes a frame to a store. After a frame that took the page long, the page rests for the same
   * time, and then receives the commits of that time as one.
   */
  protected deliver(member: Member, frame: Frame): void {
    const held = this.#held.get(member);
    if (held) return void held.push(frame);
    const start = performance.now();
    this.#pass(member, frame);
    const took = performance.now() - start;
    if (took < SLOW) return;
    this.#held.set(member, []);
    setTimeout(() => this.#release(member), took);
  }

  /** Whether the store lags behind its frames. */
  protected isResting(member: Member): boolean {
    return this.#held.has(member);
  }

  #release(member: Member): void {
    const frames = this.#held.get(member)!;
    this.#held.delete(member);
    for (const frame of frames.reduce(joined, [])) this.deliver(member, frame);
  }

  /** Passes the answers to a store's writes before to what numbers them. */
  #pass(member: Member, frame: Frame): void {
    const { replica } = member;
    if (replica && frame[0] === "acks" && frame[1].t === replica.tag) this.#writer(replica).acks(frame[1].r);
    member.take(frame);
  }

  #writer(replica: Replica): Writer {
    const writer = this.#writers.get(replica) ?? new Writer(replica);
    this.#writers.set(replica, writer);
    return writer;
  }
}

/** Sends `body`; `undefined` if there is no response. */
export const post = (url: string, body: object): Promise<Response | undefined> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);

/** Sends the writes of one store, a batch at a time. */
class Writer extends Outbox {
  #most: number | undefined;
  #failures = 0;

  /** Sends what can be sent now; a batch that is on its way sends the next itself. */
  async flush(url: string): Promise<void> {
    const batch = this.batch(this.#most);
    if (!batch) return;
    const response = await post(url, batch);
    const status = response?.status ?? 0;
    const body = await response?.json().catch(() => undefined);
    if (status === 200 && body?.r) {
      this.#failures = 0;
      this.answered(batch, body.r);
    } else if (status === 409) {
      this.elsewhere(batch);
    } else if (status === 413 && batch.m.length > 1) {
      this.#most = 1;
      this.unanswered();
    } else if (status < 400 || status === 408 || status === 429 || status > 499) {
      await pause(1000 * Number(response?.headers.get("retry-after")) || backoff(this.#failures++));
      this.unanswered();
    } else {
      this.rejected(batch, body?.err ?? `${status}`, body?.why);
    }
    return this.flush(url);
  }
}

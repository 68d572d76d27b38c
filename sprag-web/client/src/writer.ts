/** The `POST`s of writes. */

import { backoff, pause } from "./backoff.ts";
import { Outbox } from "./outbox.ts";
import type { Replica } from "./replica.ts";
import type { Frame, Member } from "./stream.ts";

/** The writers of a page's stores. */
export class Writers {
  readonly #writers = new WeakMap<Replica, Writer>();

  send(url: string, replica: Replica): void {
    void this.#writer(replica).flush(url);
  }

  /** Passes a frame to a store: the answers to its writes before, to what numbers them. */
  protected deliver(member: Member, frame: Frame): void {
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

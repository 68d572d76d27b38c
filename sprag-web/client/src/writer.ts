/** The `POST`s of writes. */

import { backoff, pause } from "./backoff.ts";
import type { Replica } from "./replica.ts";

/** The writers of a page's stores. */
export class Writers {
  readonly #writers = new WeakMap<Replica, Writer>();

  send(url: string, replica: Replica): void {
    const writer = this.#writers.get(replica) ?? new Writer(url, replica);
    this.#writers.set(replica, writer);
    void writer.flush();
  }
}

/** Sends the writes of one store, a batch at a time. */
class Writer {
  readonly #url: string;
  readonly #replica: Replica;
  #most: number | undefined;
  #failures = 0;

  constructor(url: string, replica: Replica) {
    [this.#url, this.#replica] = [url, replica];
  }

  /** Sends what can be sent now; a batch that is on its way sends the next itself. */
  async flush(): Promise<void> {
    const replica = this.#replica;
    const batch = replica.batch(this.#most);
    if (!batch) return;
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(batch),
    }).catch(() => undefined);
    const status = response?.status ?? 0;
    const body = await response?.json().catch(() => undefined);
    if (status === 200 && body?.r) {
      this.#failures = 0;
      replica.answered(batch, body.r);
    } else if (status === 409) {
      replica.elsewhere(batch);
    } else if (status === 413 && batch.m.length > 1) {
      this.#most = 1;
      replica.unanswered();
    } else if (status < 400 || status === 408 || status === 429 || status > 499) {
      await pause(1000 * Number(response?.headers.get("retry-after")) || backoff(this.#failures++));
      replica.unanswered();
    } else {
      replica.rejected(batch, body?.err ?? `${status}`, body?.why);
    }
    return this.flush();
  }
}

/**
 * The numbers of one store's writes: batches to send, and what their answers lead to.
 *
 * The outbox knows no network and no timer, as the replica whose writes these are. It comes
 * from the server with the network: a page shows its state without.
 */

import { type Answer, type Batch, isOpen, type Replica } from "./replica.ts";

const BATCH = 32;

export class Outbox {
  readonly #replica: Replica;
  /** Whether a batch is on its way. */
  #busy = false;
  /** The epoch in which another one was answered: nothing is sent before its snapshot. */
  #paused: string | undefined;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** The next batch to send; numbers what is in it. `undefined` where nothing can be sent. */
  batch(most = BATCH): Batch | undefined {
    const replica = this.#replica;
    const { epoch, pending, tag } = replica;
    if (this.#busy || epoch === undefined || this.#paused === epoch) return undefined;
    const open = pending.filter(isOpen).slice(0, most);
    if (!open.length) return undefined;
    this.#busy = true;
    const m = open.map((pending) => {
      const { ops, conditions, again } = pending;
      const n = (pending.n ??= replica.next++);
      return { n, ops, ...(again && { again }), ...(conditions && { if: conditions }) };
    });
    return { e: epoch, t: tag, m };
  }

  /** Takes the server's answers to a batch. */
  answered(batch: Batch, answers: readonly Answer[]): void {
    if (this.#ended(batch)) this.acks(answers);
  }

  /**
   * Answers that came by the stream: those that a cut `POST` never brought. `null` is
   * the word of a server that has forgotten this page.
   */
  acks(answers: readonly Answer[] | null): void {
    if (answers) for (const answer of answers) this.#settle(answer);
    else this.#replica.restart("the server forgot this page");
    this.#replica.refresh();
  }

  /** The batch came to another instance of the store, which has not applied it. */
  elsewhere(batch: Batch): void {
    if (!this.#ended(batch)) return;
    this.#paused = batch.e;
    this.#replica.host.resync();
  }

  /** The batch was refused as a whole, and none of its numbers was used. */
  rejected(batch: Batch, kind: string, why?: string): void {
    if (!this.#ended(batch)) return;
    for (const { n } of batch.m) this.#replica.take(n)?.reject(kind, why);
    this.#unnumber(batch.m[0]!.n);
    this.#replica.refresh();
  }

  /** The batch may or may not have arrived: the same numbers are sent again. */
  unanswered(): void {
    this.#busy = false;
    for (const pending of this.#replica.pending) if (pending.n !== undefined) pending.again = true;
  }

  /** Whether the numbers of a batch that is back still mean what they did. */
  #ended({ e, t }: Batch): boolean {
    this.#busy = false;
    return e === this.#replica.epoch && t === this.#replica.tag;
  }

  #settle({ n, v = 0, err, why, last = 0 }: Answer): void {
    const replica = this.#replica;
    if (err === "gap") {
      // The page is forgotten, or its tag belongs to an earlier session of this browser.
      if (!last) replica.rename();
      return this.#unnumber(last + 1);
    }
    const pending = replica.pending.find((pending) => pending.n === n && isOpen(pending));
    if (!pending) return;
    if (err === undefined) return pending.resolve((pending.acked = v));
    replica.take(n);
    const refuse = (): void => pending.reject(err === "forgotten" ? "unknown" : err, why);
    // The value that was in the way is shown before the writer tries again.
    if (err === "conflict") this.#at(v, refuse);
    else refuse();
  }

  #at(version: number, then: () => void): void {
    const replica = this.#replica;
    const { epoch } = replica;
    replica.waiters.push(() => {
      if (replica.epoch === epoch && replica.version < version) return false;
      then();
      return true;
    });
  }

  #unnumber(first: number): void {
    for (const pending of this.#replica.pending) {
      if (isOpen(pending) && pending.n! >= first) {
        delete pending.n;
        delete pending.again;
      }
    }
    this.#replica.next = Math.min(this.#replica.next, first);
  }
}

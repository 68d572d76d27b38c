/**
 * One stream for all tabs of a browser: in a `SharedWorker` where there is one, which
 * no tab's state touches, and else in each tab.
 *
 * The worker beats with its positions. A tab whose position differs asks for what it
 * missed, and a tab that hears nothing for two beats opens a stream of its own.
 */

import { type Frame, type Link, type Member, Stream } from "./stream.ts";
import type { Status } from "./replica.ts";

/** A store of a tab, as the worker knows it. */
export interface Joined {
  readonly name: string;
  readonly writers: readonly string[];
  readonly position: string;
}

/** What a tab tells the worker. */
export type ToWorker =
  | ["join", string, Joined]
  | ["leave", string]
  | ["resync", string]
  | ["position", Joined]
  | ["bye"];

/** What the worker tells a tab. */
export type ToTab = ["frame", Frame] | ["status", string, Status] | ["beat", [string, string][]];

export const BEAT = 15_000;

/** The link for the router at `base`. */
export function linkTo(base: string): Link {
  if (typeof SharedWorker === "undefined") return new Stream(base);
  try {
    return new WorkerLink(base, new SharedWorker(`${base}/worker.js`, { name: `sprag ${base}` }));
  } catch {
    return new Stream(base);
  }
}

class WorkerLink implements Link {
  readonly #base: string;
  readonly #worker: SharedWorker;
  readonly #members = new Map<string, Member>();
  #missed = 0;
  /** Takes over once the worker is gone. */
  #own: Stream | undefined;

  constructor(base: string, worker: SharedWorker) {
    [this.#base, this.#worker] = [base, worker];
    worker.port.onmessage = ({ data }: MessageEvent<ToTab>) => this.#hear(data);
    worker.onerror = () => this.#takeOver();
    const timer = setInterval(() => ++this.#missed > 2 && (clearInterval(timer), this.#takeOver()), BEAT);
    addEventListener("pagehide", () => this.#say(["bye"]));
    addEventListener("pageshow", ({ persisted }) => persisted && this.#members.forEach((member) => this.#greet(member)));
  }

  join(member: Member): void {
    this.#members.set(member.name, member);
    if (this.#own) this.#own.join(member);
    else this.#greet(member);
  }

  leave(member: Member): void {
    this.#members.delete(member.name);
    if (this.#own) this.#own.leave(member);
    else this.#say(["leave", member.name]);
  }

  resync(member: Member): void {
    if (this.#own) this.#own.resync(member);
    else this.#say(["resync", member.name]);
  }

  #greet(member: Member): void {
    this.#say(["join", this.#base, joined(member)]);
  }

  #hear(message: ToTab): void {
    this.#missed = 0;
    if (this.#own) return;
    if (message[0] === "frame") this.#members.get(message[1][1].s)?.take(message[1]);
    else if (message[0] === "status") this.#members.get(message[1])?.linked(message[2]);
    else for (const [name, position] of message[1]) this.#compare(name, position);
  }

  /** A tab that slept or joined late asks for what no frame will bring again. */
  #compare(name: string, position: string): void {
    const member = this.#members.get(name);
    if (member && position && member.position() !== position) this.#say(["position", joined(member)]);
  }

  #takeOver(): void {
    if (this.#own) return;
    this.#worker.port.close();
    this.#own = new Stream(this.#base);
    for (const member of this.#members.values()) this.#own.join(member);
  }

  #say(message: ToWorker): void {
    this.#worker.port.postMessage(message);
  }
}

const joined = (member: Member): Joined => ({
  name: member.name,
  writers: member.writers,
  position: member.position(),
});

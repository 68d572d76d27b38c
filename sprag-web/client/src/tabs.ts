/**
 * Connects a tab to the one stream of its browser, which a hub holds: in a `SharedWorker` if
 * there is one, which depends on no tab; otherwise in the tab that has a lock; otherwise in each
 * tab. On plain http, names of a local network have the worker and no locks.
 *
 * The hub's beats carry its positions. A tab whose position differs sends its own, and a tab that
 * receives no beat connects to a hub of another name, or takes the lock.
 */

import { BEAT, BEATS, type Port, type ToHub, type ToTab } from "./channel.ts";
import { Hub } from "./hub.ts";
import type { Link, Member } from "./stream.ts";
import { Writers } from "./writer.ts";

export class TabLink extends Writers implements Link {
  readonly #base: string;
  /** The name of this tab among those of the hub. */
  readonly #tab = `${Math.random()}`;
  readonly #members = new Map<string, Member>();
  #port!: Port;
  #silent = 0;
  /** Counts the hubs that were silent, since a hub that hangs would block a tab again. */
  #lost = 0;
  #hasWorker = typeof SharedWorker === "function";
  /** The hub in this tab, if there is one. */
  #hub: Hub | undefined;

  /** A connection to the stream of the router at `base`. */
  constructor(base: string) {
    super();
    this.#base = base;
    this.#attach();
    setInterval(() => ++this.#silent > BEATS && (this.#lost++, this.#attach()), BEAT);
    addEventListener("pagehide", () => this.#say(["bye", this.#tab]));
    addEventListener("pageshow", ({ persisted }) => persisted && this.#greet());
  }

  join(member: Member): void {
    this.#members.set(member.name, member);
    this.#report(member);
  }

  leave({ name }: Member): void {
    this.#members.delete(name);
    this.#say(["leave", this.#tab, name]);
  }

  resync(member: Member): void {
    this.#say(["resync", this.#tab, member.name, { position: member.position() }]);
  }

  show(member: Member): void {
    this.#report(member, member.position(), "show");
  }

  #attach(): void {
    this.#silent = 0;
    this.#port?.close();
    const port = (this.#port = this.#toWorker() ?? this.#toHolder() ?? this.#toOwn());
    let isFirst = this.#hasWorker;
    port.onmessage = ({ data }) => {
      if (port !== this.#port) return;
      // The worker holds its lock from before its first message on.
      if (isFirst) this.#survive(port);
      isFirst = false;
      this.#hear(data);
    };
    this.#greet();
  }

  #toWorker(): Port | undefined {
    if (!this.#hasWorker) return undefined;
    try {
      const name = this.#name();
      const worker = new SharedWorker(`${this.#base}/worker.js`, { name, type: "module" });
      worker.onerror = () => {
        if (worker.port !== this.#port) return;
        this.#hasWorker = false;
        this.#attach();
      };
      return worker.port;
    } catch {
      // A router of another origin, or a policy that allows no worker.
      this.#hasWorker = false;
      return undefined;
    }
  }

  /** Attaches again once the worker is gone, which frees its lock. */
  #survive(port: Port): void {
    const gone = (): void => void (port === this.#port && this.#attach());
    void navigator.locks?.request(this.#name(), { mode: "shared" }, gone);
  }

  /** The hub in the tab that holds the lock; a silent hub loses the lock. */
  #toHolder(): Port | undefined {
    if (!navigator.locks) return undefined;
    this.#hold(this.#lost > 0);
    return new BroadcastChannel(this.#name());
  }

  #hold(steal: boolean): void {
    let end: (() => void) | undefined;
    const held = (): Promise<void> => {
      end = this.#open(new BroadcastChannel(this.#name()));
      return new Promise(() => {});
    };
    navigator.locks.request(this.#name(), { steal }, held).catch((error: Error) => {
      end?.();
      // Another tab took the lock; or this page may have none, as in a sandbox.
      if (error.name === "AbortError") this.#hold(false);
      else void held();
    });
  }

  #toOwn(): Port {
    const { port1, port2 } = new MessageChannel();
    this.#open(port2);
    return port1;
  }

  /**
   * Makes this tab the hub of those at the other end of `port`; returns the function that ends
   * that.
   */
  #open(port: Port): () => void {
    this.#hub ??= new Hub(this.#base);
    return this.#hub.connect(port);
  }

  #name(): string {
    return `sprag ${this.#base}${this.#hasWorker ? ` ${this.#lost}` : ""}`;
  }

  #hear(message: ToTab): void {
    const [kind, name, rest] = message;
    const member = kind !== "beat" && this.#members.get(name);
    if (kind === "frame") member && this.deliver(member, rest);
    else if (kind === "status") member && member.linked(rest);
    else if (kind === "beat") {
      // A store that lags behind its frames has not missed any.
      for (const member of this.#members.values()) {
        this.#report(member, this.isResting(member) ? member.position() : name[member.name]);
      }
    } else return;
    this.#silent = 0;
  }

  #greet(): void {
    for (const member of this.#members.values()) this.#report(member);
  }

  /** Sends that the tab is there, and its position unless that is `known`. */
  #report(member: Member, known?: string, kind: "join" | "show" = "join"): void {
    const [{ name, scope, writers }, position] = [member, member.position()];
    this.#say([kind, this.#tab, name, { scope, writers, ...(position !== known && { position }) }]);
  }

  #say(message: ToHub): void {
    this.#port.postMessage(message);
  }
}

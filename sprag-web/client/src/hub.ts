/** The holder of the one stream of a browser's tabs. */

import { BEAT, BEATS, type Joined, type Port, type ToHub, type ToTab } from "./channel.ts";
import type { Status } from "./replica.ts";
import { type Frame, type Member, type Scope, Stream } from "./stream.ts";

interface Tab {
  readonly port: Port;
  /** The beats since the tab's last message. */
  silent: number;
}

/** A store that some tabs use. */
class Shared implements Member {
  readonly tabs = new Map<Tab, readonly string[]>();
  readonly #stream: Stream;
  scope: Scope;
  #epoch = "";
  #version = -1;
  #status: Status = "connecting";

  constructor(
    readonly name: string,
    stream: Stream,
  ) {
    [this.#stream, this.scope] = [stream, [name]];
  }

  get writers(): string[] {
    return [...this.tabs.values()].flat();
  }

  position(): string {
    return this.#epoch && `${this.#epoch}.${this.#version}`;
  }

  take(frame: Frame): void {
    if (frame[0] === "snap") ({ e: this.#epoch, v: this.#version } = frame[1]);
    else if (frame[0] === "change") this.#version = Math.max(this.#version, frame[1].to);
    this.#tell(["frame", this.name, frame]);
  }

  linked(status: Status): void {
    this.#status = status;
    this.#tell(["status", this.name, status]);
  }

  /**
   * Sends a tab the frames from its position to that of the others; the others skip known frames.
   */
  admit(tab: Tab, { scope, writers, position }: Joined): void {
    this.scope = scope;
    const isNew = !this.tabs.has(tab);
    this.tabs.set(tab, writers);
    tab.port.postMessage(["status", this.name, this.#status]);
    const [epoch, version] = parts(position ?? this.position());
    if (!this.#epoch && epoch) [this.#epoch, this.#version] = [epoch, version];
    else if (epoch !== this.#epoch || !epoch) this.#stream.resync(this);
    else if (version < this.#version) this.#version = version;
    else if (!isNew) return;
    // Reopens the stream, at the tab's version, and repeats the tab's replies.
    this.#stream.join(this);
  }

  /** Begins anew, unless the tab asks for a state that is on its way to it. */
  resync(position: string): void {
    if (parts(position)[0] === this.#epoch) this.#stream.resync(this);
  }

  #tell(message: ToTab): void {
    for (const port of portsOf(this.tabs.keys())) port.postMessage(message);
  }
}

/** The stores of the tabs, on one stream. */
export class Hub {
  readonly #stream: Stream;
  readonly #stores = new Map<string, Shared>();
  readonly #tabs = new Map<string, Tab>();

  constructor(base: string) {
    this.#stream = new Stream(base);
    setInterval(() => this.#beat(), BEAT);
  }

  /** Serves the tabs at the other end of `port`; returns the function that stops serving them. */
  connect(port: Port): () => void {
    const end = (): void => {
      for (const [name, tab] of this.#tabs) if (tab.port === port) this.#drop(name);
    };
    port.onmessage = ({ data }) => this.#hear(port, data);
    // A tab that was with another hub sends its position.
    port.postMessage(this.#positions());
    return () => (end(), port.close());
  }

  #hear(port: Port, [kind, name, store = "", joined]: ToHub): void {
    if (kind === "bye") return this.#drop(name);
    const found = this.#stores.get(store);
    if (kind === "resync") found?.resync(joined!.position!);
    else if (kind === "leave") found && this.#leave(found, this.#tabs.get(name)!);
    else {
      const shared = this.#store(store);
      shared.admit(this.#tab(name, port), joined as Joined);
      if (kind === "show") this.#stream.show(shared);
    }
  }

  #tab(name: string, port: Port): Tab {
    const tab = this.#tabs.get(name) ?? { port, silent: 0 };
    tab.silent = 0;
    this.#tabs.set(name, tab);
    return tab;
  }

  #store(name: string): Shared {
    const store = this.#stores.get(name) ?? new Shared(name, this.#stream);
    this.#stores.set(name, store);
    return store;
  }

  #leave(store: Shared, tab: Tab): void {
    if (!store.tabs.delete(tab) || store.tabs.size) return;
    this.#stores.delete(store.name);
    this.#stream.leave(store);
  }

  #drop(name: string): void {
    const tab = this.#tabs.get(name);
    if (!tab) return;
    this.#tabs.delete(name);
    for (const store of this.#stores.values()) this.#leave(store, tab);
  }

  #beat(): void {
    for (const [name, tab] of this.#tabs) if (++tab.silent > BEATS) this.#drop(name);
    for (const port of portsOf(this.#tabs.values())) port.postMessage(this.#positions());
  }

  #positions(): ToTab {
    return ["beat", Object.fromEntries([...this.#stores.values()].map((store) => [store.name, store.position()])), null];
  }
}

/** The ports of tabs, each once. */
const portsOf = (tabs: Iterable<Tab>): Set<Port> => new Set(Array.from(tabs, ({ port }) => port));

/** The epoch and the version of a position. */
function parts(position: string): [string, number] {
  const dot = position.lastIndexOf(".");
  return [position.slice(0, Math.max(dot, 0)), Number(position.slice(dot + 1))];
}

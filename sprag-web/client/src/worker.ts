/** The worker that holds the one stream of a browser's tabs. */

import type { Status } from "./replica.ts";
import { type Frame, type Member, Stream } from "./stream.ts";
import { BEAT, type Joined, type ToTab, type ToWorker } from "./tabs.ts";

/** A store that some tabs use. */
class Shared implements Member {
  readonly tabs = new Map<MessagePort, readonly string[]>();
  readonly #stream: Stream;
  #epoch = "";
  #version = -1;
  #status: Status = "connecting";

  constructor(
    readonly name: string,
    stream: Stream,
  ) {
    this.#stream = stream;
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
    this.#tell(["frame", frame]);
  }

  linked(status: Status): void {
    this.#status = status;
    this.#tell(["status", this.name, status]);
  }

  /** Brings a tab from where it is to where the others are; they skip what they know. */
  admit(port: MessagePort, { writers, position }: Joined): void {
    const isNew = !this.tabs.has(port);
    this.tabs.set(port, writers);
    port.postMessage(["status", this.name, this.#status] satisfies ToTab);
    const dot = position.lastIndexOf(".");
    const [epoch, version] = [position.slice(0, Math.max(dot, 0)), Number(position.slice(dot + 1))];
    if (!this.#epoch && epoch) [this.#epoch, this.#version] = [epoch, version];
    else if (epoch !== this.#epoch || !epoch) return this.#stream.resync(this);
    else if (version < this.#version) this.#version = version;
    else if (!isNew) return;
    this.#stream.join(this);
  }

  #tell(message: ToTab): void {
    for (const port of this.tabs.keys()) port.postMessage(message);
  }
}

const stores = new Map<string, Shared>();
const ports = new Set<MessagePort>();
let stream: Stream | undefined;

function hear(port: MessagePort, message: ToWorker): void {
  if (message[0] === "join") {
    const [, base, joined] = message;
    stream ??= new Stream(base);
    const found = stores.get(joined.name) ?? new Shared(joined.name, stream);
    const isNew = !stores.has(joined.name);
    stores.set(joined.name, found);
    found.admit(port, joined);
    if (isNew) stream.join(found);
  } else if (message[0] === "position") {
    stores.get(message[1].name)?.admit(port, message[1]);
  } else if (message[0] === "resync") {
    const found = stores.get(message[1]);
    if (found) stream?.resync(found);
  } else if (message[0] === "leave") {
    leave(port, message[1]);
  } else {
    for (const name of stores.keys()) leave(port, name);
    ports.delete(port);
  }
}

function leave(port: MessagePort, name: string): void {
  const found = stores.get(name);
  if (!found?.tabs.delete(port) || found.tabs.size) return;
  stores.delete(name);
  stream?.leave(found);
}

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0]!;
  ports.add(port);
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => hear(port, data);
});

setInterval(() => {
  const beat: ToTab = ["beat", [...stores.values()].map((found) => [found.name, found.position()])];
  for (const port of ports) port.postMessage(beat);
}, BEAT);

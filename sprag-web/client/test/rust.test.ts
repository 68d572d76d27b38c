/**
 * W2, W4, W7 against the server of the crate `sprag-web`, over a network that is cut and
 * with a server that is killed. `SPRAG_SERVER` names the program, which
 * `cargo build -p sprag-web --example torture` builds.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Readable, Resizable, Writable } from "../src/place.ts";
import { Refused } from "../src/replica.ts";
import { Store } from "../src/store.ts";
import { Stream } from "../src/stream.ts";
import { type Proxy, proxy } from "./proxy.ts";
import { random } from "./random.ts";

const program = process.env["SPRAG_SERVER"];
const SEED = Number(process.env["SPRAG_SEED"] ?? Date.now() % 1e9);
const CUTS = Number(process.env["SPRAG_CUTS"] ?? 200);

interface State {
  readonly count: number;
  readonly volume: number;
  readonly ids: readonly string[];
  readonly ticks: number;
  readonly rooms: Readonly<Record<string, { readonly count: number }>>;
}

interface Places {
  readonly count: Writable<number>;
  readonly volume: Writable<number>;
  readonly ids: Resizable<readonly string[]>;
  readonly rooms: { readonly [room: string]: { readonly count: Writable<number> } & Readable<unknown> };
}

const ROOMS = ["a", "b", "c"];

class Server {
  port = 0;
  #child: ChildProcess | undefined;

  async start(): Promise<void> {
    const child = spawn(program!, [String(this.port)], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    const [line] = await once(createInterface(child.stdout!), "line");
    this.port = Number(line);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child!, "exit");
    this.#child!.kill("SIGKILL");
    await ended;
  }
}

/** A client behind a network of its own, and what it saw. */
class Client {
  readonly faults: string[] = [];
  readonly pending = new Set<Promise<void>>();
  added = 0;
  unknown = 0;
  readonly tv: Store<State, Places>;
  /** The same store at one of its rooms. */
  readonly room: Store<State, Places>;
  shown = "a";

  constructor(
    readonly index: number,
    readonly network: Proxy,
  ) {
    this.tv = new Store<State, Places>("tv", network.base, new Stream(network.base));
    this.tv.subscribe((state) => state.ids, (ids) => this.look(ids));
    this.room = this.tv.at(this.tv.$.rooms["a"]!);
    let last = -1;
    this.room.subscribe((state) => state.rooms, (rooms, { version }) => {
      if (Object.keys(rooms).length !== 1) this.faults.push(`${Object.keys(rooms)} are shown`);
      if (version < last) this.faults.push(`the version went back from ${last} to ${version}`);
      last = version;
    });
  }

  /** Shows another room. */
  move(room: string): void {
    this.shown = room;
    this.room.show(this.tv.$.rooms[room]!);
  }

  /** Adds one to the room that is shown. */
  count(): Promise<void> {
    const place = this.tv.$.rooms[this.shown]!.count;
    return this.room.update(place, (count) => (count ?? 0) + 1).then(() => void this.added++);
  }

  private look(ids: readonly string[]): void {
    if (new Set(ids).size !== ids.length) this.faults.push(`an id is shown twice: ${ids}`);
  }

  /** Makes a write; a refusal that the network or a restart causes is counted. */
  write(draw: (bound: number) => number): void {
    const { tv } = this;
    const kind = draw(5);
    const done =
      kind === 4 ? this.count() : kind === 0
        ? tv.update(tv.$.count, (count) => count + 1).then(() => void this.added++)
        : kind === 1
          ? tv.push(tv.$.ids, `${this.index}.${draw(1e9)}`)
          : kind === 2
            ? tv.set(tv.$.volume, draw(150))
            : tv.get().ids.length
              ? tv.remove(tv.$.ids, 0)
              : tv.set(tv.$.volume, 1);
    const settled: Promise<void> = done.then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof Refused)) this.faults.push(String(error));
        else if (error.kind === "unknown" && kind % 4 === 0) this.unknown++;
        else if (!["unknown", "invalid", "conflict", "place"].includes(error.kind)) this.faults.push(String(error));
      },
    );
    this.pending.add(settled);
    void settled.then(() => this.pending.delete(settled));
  }
}

const pause = (time: number): Promise<void> => new Promise((done) => setTimeout(done, time));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); await pause(10)) {
    assert.ok(Date.now() < end, `seed ${SEED}: ${what}`);
  }
}

/** Three clients write while their networks are cut `cuts` times in all, and the server is killed. */
async function run({ cuts, kills }: { cuts: number; kills: number }): Promise<void> {
  const draw = random(SEED);
  const server = new Server();
  await server.start();
  const clients = await Promise.all([0, 1, 2].map(async (index) => new Client(index, await proxy(server.port))));
  try {
    await Promise.all(clients.flatMap(({ tv, room }) => [tv.ready, room.ready]));
    const made = (): number => clients.reduce((sum, { network }) => sum + network.cuts, 0);
    let killed = 0;
    while (made() < cuts || killed < kills) {
      const client = clients[draw(3)]!;
      if (client.pending.size < 20) client.write(draw);
      if (draw(10) === 0) client.move(ROOMS[draw(3)]!);
      const event = draw(12);
      if (event < 3) client.network.cutStreams();
      else if (event < 5) client.network.cutPost(draw(2) ? "before" : "after");
      else if (event === 5) (client.network.cutStreams(), client.network.cutPost("after"));
      if (killed < kills && made() > (cuts * (killed + 1)) / (kills + 1)) {
        killed++;
        await server.kill();
        await server.start();
      }
      await pause(draw(6));
    }
    for (const { network } of clients) network.heal();
    await until("some writes are never answered", () =>
      clients.every(({ pending, tv, room }) => !pending.size && !tv.unconfirmed && !room.unconfirmed));
    const same = (): boolean => new Set(clients.map(({ tv }) => JSON.stringify({ ...tv.get(), ticks: 0 }))).size === 1;
    await until("the states differ", same);
    await until("a room differs from the room of the whole state", () =>
      clients.every(({ room, shown, tv }) =>
        JSON.stringify(room.get()) === JSON.stringify({ rooms: { [shown]: tv.get().rooms[shown] } })));
    // A server that was killed counts its versions anew.
    const counts = (fault: string): boolean => !kills || !fault.startsWith("the version");
    for (const { faults } of clients) assert.deepEqual(faults.filter(counts), [], `seed ${SEED}`);
    if (kills) return;
    const [added, unknown] = clients.reduce(([a, u], client) => [a + client.added, u + client.unknown], [0, 0]);
    const { count, rooms } = clients[0]!.tv.get();
    const counted = Object.values(rooms).reduce((sum, room) => sum + room.count, count);
    assert.deepEqual([counted, unknown], [added, 0], `seed ${SEED}`);
  } finally {
    for (const { tv, room, network } of clients) (tv.close(), room.close(), network.close());
    await server.kill();
  }
}

test("W5: an element of a list cannot be followed, and the page is told why", { skip: program ? false : "no SPRAG_SERVER", timeout: 20_000 }, async () => {
  const server = new Server();
  await server.start();
  const network = await proxy(server.port);
  const tv = new Store<State, Places>("tv", network.base, new Stream(network.base));
  const element = tv.at("ids.0");
  try {
    await assert.rejects(element.ready, ({ kind, why }: Refused) => kind === "denied" && /index changes.*keep the elements in a map/.test(why));
    assert.equal(element.status, "denied");
  } finally {
    (element.close(), tv.close(), network.close());
    await server.kill();
  }
});

const options = { skip: program ? false : "no SPRAG_SERVER", timeout: 180_000 };

test(`W4, W7: ${CUTS} cuts of streams and writes, and nothing is lost or made twice`, options, () =>
  run({ cuts: CUTS, kills: 0 }));

// Fewer cuts: after a kill the clients wait longer before each try.
test(`W4, W7: ${CUTS / 2} cuts, and the server is killed three times`, options, () =>
  run({ cuts: CUTS / 2, kills: 3 }));

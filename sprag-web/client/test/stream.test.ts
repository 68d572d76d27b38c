/** W4 and W7 over real connections. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../src/backoff.ts";
import { placeAt, type Resizable, type Writable } from "../src/place.ts";
import { Refused } from "../src/replica.ts";
import { Store } from "../src/store.ts";
import { Stream } from "../src/stream.ts";
import { type Cuts, serve } from "./http.ts";
import { Server } from "./server.ts";

interface State {
  readonly count: number;
  readonly queue: readonly string[];
}

interface Places {
  readonly count: Writable<number>;
  readonly queue: Resizable<readonly string[]>;
}

const initial = { count: 0, queue: [] };

/** Runs `act` with a store whose server's network obeys `cuts`. */
async function scenario(
  cuts: Cuts,
  act: (tv: Store<State, Places>, server: Awaited<ReturnType<typeof serve>>, state: Server) => Promise<void>,
): Promise<void> {
  const state = new Server("a", initial, 64, (next) => ((next as never as State).count > 9 ? "at most 9" : undefined));
  const server = await serve(state, cuts);
  const tv = new Store<State, Places>("tv", server.base, new Stream(server.base));
  try {
    await act(tv, server, state);
  } finally {
    tv.close();
    server.close();
  }
}

/** Resolves once `selector` gives `expected`. */
const becomes = <K>(tv: Store<State, Places>, selector: (state: State) => K, expected: K): Promise<void> =>
  new Promise((done) => {
    const look = (): void => {
      if (tv.version < 0 || JSON.stringify(selector(tv.get())) !== JSON.stringify(expected)) return;
      end();
      done();
    };
    const end = tv.subscribe((state) => state, look);
    look();
  });

const within = { timeout: 20_000 };

test("W2: a store reads, writes and follows", within, () =>
  scenario({}, async (tv, server) => {
    await tv.ready;
    assert.deepEqual([tv.get(), tv.status, tv.get(tv.$.count)], [initial, "live", 0]);
    assert.equal(await tv.set(tv.$.count, 3), 1);
    assert.equal(await tv.push(tv.$.queue, "a", "b"), 2);
    assert.equal(await tv.update(tv.$.count, (count) => count + 1), 3);
    assert.equal(await tv.insert(tv.$.queue, 1, "x"), 4);
    assert.equal(await tv.remove(tv.$.queue, 0), 5);
    assert.equal(await tv.patch({ count: 7 }), 6);
    assert.deepEqual(tv.get(), { count: 7, queue: ["x", "b"] });
    server.write([["=", ["queue", 0], "y"]]);
    await becomes(tv, ({ queue }) => queue, ["y", "b"]);
  }));

test("W4: a refusal rejects with its reason", within, () =>
  scenario({}, async (tv) => {
    await tv.ready;
    await assert.rejects(tv.set(tv.$.count, 10), new Refused("invalid", "at most 9"));
    assert.equal(tv.get(tv.$.count), 0);
  }));

test("W4: `update` is tried again after a conflict that no frame announces", within, () =>
  scenario({}, async (tv, _, state) => {
    await tv.ready;
    const done = tv.update(tv.$.count, (count) => count + 1);
    state.write({ ops: [["=", ["count"], 5]] });
    const again = tv.update(tv.$.count, (count) => count + 1);
    tv.take(["change", { s: "tv", ...state.commits[0]! }]);
    await Promise.all([done, again]);
    assert.equal((state.state as never as State).count, 7);
  }));

for (const post of ["before", "after"] as const) {
  test(`W4: a \`POST\` that is cut ${post} it is applied is applied once`, within, () => {
    const cuts: Cuts = {};
    return scenario(cuts, async (tv, _, state) => {
      await tv.ready;
      cuts.post = post;
      await tv.push(tv.$.queue, "once");
      assert.deepEqual([state.state, tv.get()], [{ count: 0, queue: ["once"] }, { count: 0, queue: ["once"] }]);
    });
  });
}

test("W4: stream and `POST` of one write are cut together", within, () => {
  const cuts: Cuts = {};
  return scenario(cuts, async (tv, _, state) => {
    await tv.ready;
    const shown: string[] = [];
    tv.subscribe((state) => state.queue.join(), (queue) => shown.push(queue));
    cuts.frame = true;
    cuts.post = "after";
    await tv.push(tv.$.queue, "once");
    await becomes(tv, ({ queue }) => queue, ["once"]);
    assert.deepEqual([shown, state.version], [["once"], 1]);
  });
});

test("W7: a stream that is cut inside a frame goes on where it was", within, () => {
  const cuts: Cuts = {};
  return scenario(cuts, async (tv, server) => {
    await tv.ready;
    cuts.frame = true;
    server.write([["=", ["count"], 5]]);
    await becomes(tv, ({ count }) => count, 5);
    assert.match(server.requests.at(-1)!, /s=tv%40a\.0&/);
  });
});

test("W2, W6: a page that is slow gets the commits of the time that it took as one, and keeps up", within, () =>
  scenario({}, async (tv, server) => {
    await tv.ready;
    const seen: number[] = [];
    tv.subscribe(tv.$.queue, (queue) => {
      seen.push(queue.length);
      for (const end = performance.now() + 30; performance.now() < end; );
    });
    for (let count = 0; count < 200; count++) server.write([["+", ["queue", "-"], `${count}`]]);
    const own = tv.push(tv.$.queue, "own");
    await becomes(tv, ({ queue }) => queue.length, 201);
    assert.equal(await own, 201);
    assert.ok(seen.length < 100, `${seen}`);
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
    assert.deepEqual([tv.version, tv.get().queue.slice(0, 3), tv.unconfirmed], [201, ["0", "1", "2"], 0]);
  }));

test("W2: a text may have every character of JSON", within, () =>
  scenario({}, async (tv, server) => {
    await tv.ready;
    server.write([["=", ["queue"], ["\u2028\u2029\r\n\0"]]]);
    await becomes(tv, ({ queue }) => queue, ["\u2028\u2029\r\n\0"]);
  }));

test("W7: clients wait for a random time from the first retry on, for at most 10 s", () => {
  for (const [failures, most] of [[0, 100], [1, 200], [5, 3_200], [7, 10_000], [60, 10_000]] as const) {
    const times = Array.from({ length: 200 }, () => backoff(failures));
    assert.ok(Math.max(...times) <= most && Math.max(...times) > most / 2 && Math.min(...times) < most / 2);
  }
});

test("W7: a server that is busy is asked again, and one that refuses is not", within, async () => {
  await scenario({ status: [503, 503] }, (tv) => tv.ready);
  await scenario({ status: [403] }, async (tv) => {
    await assert.rejects(tv.ready, new Refused("denied"));
    assert.equal(tv.status, "denied");
    await assert.rejects(tv.set(tv.$.count, 1), new Refused("denied"));
  });
});

test("places lead to members, elements and entries, whatever they are called", () => {
  const tv = new Store<State, any>("tv", "", { join() {}, leave() {}, resync() {}, show() {}, send() {} });
  tv.take(["snap", { s: "tv", e: "a", v: 0, state: { list: [{ "a.b": 1 }], map: { "7": { then: 2 } } } }]);
  assert.equal(tv.get(tv.$.list[0]["a.b"]), 1);
  assert.equal(tv.get(tv.$.map[7].then), 2);
  assert.equal(tv.get('list.0."a.b"'), 1);
  assert.equal(tv.get("map.7.then"), 2);
  assert.equal(tv.get(placeAt(["no", "such"]) as never), undefined);
});

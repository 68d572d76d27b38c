/** W4, step by step: what each answer of the server leads to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, Op } from "../src/json.ts";
import type { Refused } from "../src/replica.ts";
import { Both } from "./both.ts";

const set = (value: Json): Op[] => [["=", ["n"], value]];
const state = (n: number): Json => ({ n });

/** A replica at version 5 of the epoch `a`, with what it did. */
function replica() {
  const did = { renders: [] as Json[], resyncs: 0, kinds: [] as string[] };
  const made: Both = new Both("me", {
    changed: () => did.renders.push(made.view!),
    send() {},
    resync: () => did.resyncs++,
  });
  made.snap({ e: "a", v: 5, state: state(0) });
  did.renders.length = 0;
  const write = (ops: Op[]): void =>
    void made.mutate(ops).then(
      (version) => did.kinds.push(`made ${version}`),
      (error: Refused) => did.kinds.push(error.kind),
    );
  return { made, did, write };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

test("W4: a write is shown at once, and its answer and its frame change nothing more", async () => {
  const { made, did, write } = replica();
  write(set(1));
  made.answered(made.batch()!, [{ n: 1, v: 6 }]);
  assert.deepEqual(made.view, state(1));
  made.change({ from: 5, to: 6, ops: set(1), by: ["me", 1] });
  await settled();
  assert.deepEqual([did.renders, did.kinds], [[state(1)], ["made 6"]]);
  assert.equal(made.unconfirmed, 0);
});

test("W4: a refused write is taken back and its writer told why", async () => {
  const { made, did, write } = replica();
  write(set(1));
  made.answered(made.batch()!, [{ n: 1, err: "invalid", why: "too small", v: 5 }]);
  await settled();
  assert.deepEqual([did.renders, did.kinds], [[state(1), state(0)], ["invalid"]]);
  const refused = made.mutate(set(2)).catch((error: Refused) => [error.kind, error.why, error.message]);
  made.answered(made.batch()!, [{ n: 2, err: "invalid", why: "too small", v: 5 }]);
  assert.deepEqual(await refused, ["invalid", "too small", "invalid: too small"]);
});

test("W4: a conflict is retried once the value that was in the way is here", async () => {
  const { made } = replica();
  const done = made.update(["n"], (n) => (n as number) + 1);
  made.answered(made.batch()!, [{ n: 1, err: "conflict", v: 7 }]);
  await settled();
  assert.equal(made.batch(), undefined);
  made.change({ from: 5, to: 7, ops: set(10) });
  await settled();
  const again = made.batch()!;
  assert.deepEqual(again.m, [{ n: 2, ops: set(11), if: [[["n"], 10]] }]);
  made.answered(again, [{ n: 2, v: 8 }]);
  assert.equal(await done, 8);
});

test("W4: after a gap the writes are numbered anew", () => {
  const { made, write } = replica();
  write(set(1));
  made.answered(made.batch()!, [{ n: 1, v: 6 }]);
  write(set(2));
  const second = made.batch()!;
  assert.deepEqual(second.m.map(({ n }) => n), [2]);
  write(set(3));
  made.answered(second, [{ n: 2, err: "gap", last: 1 }]);
  assert.deepEqual(made.batch()!, { e: "a", t: "me", m: [{ n: 2, ops: set(2) }, { n: 3, ops: set(3) }] });
});

test("W4: a tag that the server does not know, or not in this session, is left, and the writes are made once", async () => {
  const { made, did, write } = replica();
  write(set(1));
  made.answered(made.batch()!, [{ n: 1, v: 6 }]);
  write(set(2));
  write(set(3));
  const second = made.batch()!;
  made.answered(second, [{ n: 2, err: "gap", last: 0 }, { n: 3, err: "gap", last: 0 }]);
  const third = made.batch()!;
  assert.deepEqual(third, { e: "a", t: "me~1", m: [{ n: 1, ops: set(2) }, { n: 2, ops: set(3) }] });
  // The number of the first write does not stand for a write of the new tag.
  made.change({ from: 5, to: 7, ops: [...set(1), ...set(2)], by: [["me", 1], ["me~1", 1]] });
  assert.equal(made.unconfirmed, 1);
  made.answered(third, [{ n: 1, v: 7 }, { n: 2, v: 8 }]);
  await settled();
  assert.deepEqual(did.kinds, ["made 6", "made 7", "made 8"]);
});

test("W4: nothing is sent between another epoch's answer and its snapshot", async () => {
  const { made, did, write } = replica();
  write(set(1));
  const batch = made.batch()!;
  write(set(2));
  made.elsewhere(batch);
  assert.deepEqual([made.batch(), did.resyncs], [undefined, 1]);
  made.snap({ e: "b", v: 0, state: state(0) });
  await settled();
  // The first may have been applied in the old epoch; the second was never sent.
  assert.deepEqual(did.kinds, ["unknown"]);
  assert.deepEqual(made.batch()!.m, [{ n: 1, ops: set(2) }]);
});

test("W7: another server of the same history goes on with the state, and what was sent there is unknown", async () => {
  const { made, did, write } = replica();
  write(set(1));
  made.answered(made.batch()!, [{ n: 1, v: 6 }]);
  write(set(2));
  made.batch();
  write(set(3));
  made.snap({ e: "b", v: 5 });
  await settled();
  assert.deepEqual(did.kinds, ["made 6", "unknown"]);
  // What was made and is not in the state yet is still shown.
  assert.deepEqual([made.version, made.unconfirmed], [5, 2]);
  made.unanswered();
  assert.deepEqual(made.batch()!, { e: "b", t: "me~1", m: [{ n: 1, ops: set(3) }] });
  // The commits of the other server are not those of the new number.
  made.change({ from: 5, to: 6, ops: set(1), by: ["me", 1] });
  assert.deepEqual([made.view, made.unconfirmed], [state(3), 1]);
  made.change({ from: 6, to: 7, ops: set(3), by: ["me~1", 1] });
  await settled();
  assert.deepEqual([did.kinds.at(-1), made.unconfirmed], ["made 7", 0]);
});

test("W7: a page that has seen what the log lost takes the earlier state", async () => {
  const { made, did, write } = replica();
  made.snap({ e: "h-1", v: 9, state: state(9) });
  write(set(10));
  made.batch();
  made.snap({ e: "h-1", v: 5, state: state(5) });
  assert.deepEqual([made.view, made.version], [state(10), 9]);
  made.snap({ e: "", v: 0 });
  made.snap({ e: "h-1", v: 5, state: state(5) });
  await settled();
  assert.deepEqual([made.view, made.version, made.epoch, did.kinds], [state(5), 5, "h-1", ["unknown"]]);
});

test("W7: a page without a state cannot go on", () => {
  const made = new Both("me", { changed() {}, send() {}, resync() {} });
  made.snap({ e: "b", v: 5 });
  assert.deepEqual([made.epoch, made.version], [undefined, -1]);
});

test("W4: a batch that is refused as a whole uses no number", async () => {
  const { made, did, write } = replica();
  write(set(1));
  const batch = made.batch(1)!;
  write(set(2));
  made.rejected(batch, "413", "too large");
  await settled();
  assert.deepEqual([did.kinds, made.batch()!.m], [["413"], [{ n: 1, ops: set(2) }]]);
});

test("W4: where the server has forgotten the page, what was sent is unknown and the rest goes on", async () => {
  const { made, did, write } = replica();
  write(set(1));
  const batch = made.batch(1)!;
  write(set(2));
  made.acks(null);
  await settled();
  assert.deepEqual(did.kinds, ["unknown"]);
  made.answered(batch, [{ n: 1, v: 6 }]);
  const next = made.batch()!;
  assert.deepEqual([next.m, next.t === batch.t, made.unconfirmed], [[{ n: 1, ops: set(2) }], false, 1]);
});

test("W2: commits told twice are skipped, a gap or a misfit begins anew, and time never goes back", () => {
  const { made, did } = replica();
  made.change({ from: 4, to: 5, ops: set(99) });
  assert.deepEqual(made.view, state(0));
  made.change({ from: 6, to: 7, ops: set(7) });
  made.change({ from: 5, to: 6, ops: [["=", ["no", "such", "place"], 1]] });
  assert.deepEqual([made.view, made.version, did.resyncs], [state(0), 5, 2]);
  made.snap({ e: "a", v: 4, state: state(44) });
  assert.deepEqual([made.view, made.version], [state(0), 5]);
});

test("W11: what has not changed keeps its reference, over frames and snapshots alike", () => {
  const made = new Both("me", { changed() {}, send() {}, resync() {} });
  made.snap({ e: "a", v: 1, state: { left: { a: [1] }, right: 1 } });
  const left = (made.view as { left: Json }).left;
  made.change({ from: 1, to: 2, ops: [["=", ["right"], 2]] });
  assert.equal((made.view as { left: Json }).left, left);
  made.snap({ e: "b", v: 0, state: { left: { a: [1] }, right: 3 } });
  assert.equal((made.view as { left: Json }).left, left);
});

test("W4: a commit of several pages settles the write of each", async () => {
  const { made, did, write } = replica();
  write(set(1));
  made.batch();
  made.change({ from: 5, to: 6, ops: set(1), by: [["other", 1], ["me", 1]] });
  await settled();
  assert.deepEqual([did.kinds, made.unconfirmed], [["made 6"], 0]);
});

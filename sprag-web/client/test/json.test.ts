/** D1's second interpreter: ops on JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, applyAll, equal, type Json, type Op, read, share } from "../src/json.ts";

const after = (state: Json, ...ops: Op[]): Json => ops.reduce(apply, state);

test("each op does what it says, and leaves the value before as it was", () => {
  const state: Json = Object.freeze({ list: Object.freeze([1, 2, 3]), map: Object.freeze({ a: 1 }) });
  const cases: [Op, Json][] = [
    [["=", ["map", "a"], 2], { list: [1, 2, 3], map: { a: 2 } }],
    [["=", [], 7], 7],
    [["+", ["list", 1], 9], { list: [1, 9, 2, 3], map: { a: 1 } }],
    [["+", ["list", "-"], 9], { list: [1, 2, 3, 9], map: { a: 1 } }],
    [["+", ["map", "b"], [4]], { list: [1, 2, 3], map: { a: 1, b: [4] } }],
    [["+", ["list", 3], [8], [9]], { list: [1, 2, 3, [8], [9]], map: { a: 1 } }],
    [["-", ["list", 0]], { list: [2, 3], map: { a: 1 } }],
    [["-", ["map", "a"]], { list: [1, 2, 3], map: {} }],
    [["-", ["list"], [0, 2]], { list: [2], map: { a: 1 } }],
    [["-", ["map", "gone"]], { list: [1, 2, 3], map: { a: 1 } }],
    [["+", ["list", [4]]], { list: [1, 2, 3, 4], map: { a: 1 } }],
    [["+", ["list", [3]]], { list: [1, 2, 3], map: { a: 1 } }],
    [["+", ["list", [4]], [2]], { list: [1, 4, 2, 3], map: { a: 1 } }],
    [["+", ["list", [4]], [7]], { list: [1, 2, 3, 4], map: { a: 1 } }],
    [["+", ["list", [{ x: 1 }]]], { list: [1, 2, 3, { x: 1 }], map: { a: 1 } }],
    [["-", ["list", [2]]], { list: [1, 3], map: { a: 1 } }],
    [["-", ["list", [4]]], { list: [1, 2, 3], map: { a: 1 } }],
    [["~", ["list"], 0, [2, 0, 1]], { list: [3, 1, 2], map: { a: 1 } }],
    [["~", ["list"], 1, [2, 1]], { list: [1, 3, 2], map: { a: 1 } }],
  ];
  for (const [op, expected] of cases) assert.deepEqual(apply(state, op), expected, JSON.stringify(op));
});

test("an op that does not fit throws", () => {
  const ops: Op[] = [
    ["=", ["no", "a"], 1],
    ["=", ["list", 1], 1],
    ["=", ["list", "x"], 1],
    ["+", ["list", 3], 1],
    ["-", ["list", "-"]],
    ["-", ["no", "a"]],
    ["~", ["list"], 0, [0]],
    ["~", ["n"], 0, []],
    ["+", ["no"]],
    ["+", ["n"], 1],
    ["=", ["list", -1], 1],
    ["=", ["list", 0.5], 1],
    ["=", ["n", "x"], 1],
    ["=", ["list", [1]], 1],
    ["+", [["n"]]],
    ["-", ["n", [1]]],
    ["?", []] as unknown as Op,
  ];
  for (const op of ops) assert.throws(() => apply({ list: [], n: 1 }, op), /misfit/, JSON.stringify(op));
});

test("a member of a set is found by its value", () => {
  const state: Json = { tags: ["rock", { x: [1] }] };
  assert.equal(read(state, ["tags", ["rock"]]), "rock");
  assert.deepEqual(read(state, ["tags", [{ x: [1] }]]), { x: [1] });
  assert.equal(read(state, ["tags", ["jazz"]]), undefined);
  assert.equal(read(state, [["tags"]]), undefined);
});

test("W8: `__proto__` and its like are members like others", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const state = after({}, ["+", [name], { polluted: 1 }], ["=", [name, "polluted"], 2]);
    assert.ok(Object.hasOwn(state as object, name));
    assert.equal(read(state, [name, "polluted"]), 2);
    assert.equal(read({}, [name]), undefined);
    assert.equal(read([], [name]), undefined);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
    assert.deepEqual(Object.keys(after(state, ["-", [name]]) as object), []);
    assert.ok(equal(state, share(JSON.parse(JSON.stringify(state)), state) as Json));
  }
});

test("`share` keeps every part that is equal, and nothing that is not", () => {
  const last = { a: [1, { b: 2 }], c: { d: 3 } };
  assert.equal(share(last, structuredClone(last)), last);
  const next = share(last, { a: [1, { b: 2 }], c: { d: 4 } }) as typeof last;
  assert.equal(next.a, last.a);
  assert.deepEqual(next.c, { d: 4 });
  for (const [a, b] of [[[], {}], [{}, []], [{ a: undefined }, { b: undefined }], [null, {}], [[1], [1, 2]], [0, -0]]) {
    assert.ok(!Object.is(share(a, b), a));
  }
  const [date, moment] = [new Date(0), new Date(1)];
  assert.equal(share(date, moment), moment);
});

test("W11: a large map of which one entry changes is copied once, and an equal value changes nothing", () => {
  const map = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`${at}`, { load: at }]));
  const state = { map, other: [1] };
  const next = apply(state, ["=", ["map", "7", "load"], 0]) as typeof state;
  // What `apply` made shares all it can already.
  assert.equal(share(state, next), next);
  assert.equal(next.map["8"], map["8"]);
  assert.equal(apply(state, ["=", ["map", "7"], { load: 7 }]), state);
  assert.equal(apply(state, ["=", ["other", 0], 1]), state);
});

test("W11: a commit of many entries copies their map once", () => {
  let copies = 0;
  const ownKeys = (map: object): (string | symbol)[] => (copies++, Reflect.ownKeys(map));
  const map = new Proxy<Record<string, number>>(Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${at}`, at])), { ownKeys });
  const ops = Array.from({ length: 100 }, (_, at): Op => ["=", ["map", `${at}`], -at - 1]);
  const next = applyAll({ map }, ops) as unknown as { map: Record<string, number> };
  assert.deepEqual([next.map["99"], map["99"], copies], [-100, 99, 1]);
  assert.throws(() => applyAll({ map }, [["=", ["map", "1"], 0], ["-", ["map", "no"], []], ["=", ["no", 0], 1]]));
  assert.equal(map["1"], 1);
});

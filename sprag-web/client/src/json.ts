/**
 * JSON values, places in them, and the ops that change them.
 *
 * Every function here is pure: a changed value shares all unchanged parts with the value before.
 * Member names are data and never reach a prototype, so a member called `__proto__` is an
 * ordinary member.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/**
 * A member's name, an element's index, or a member of a set in an array of its own; `-` inserts at
 * the end of a list, as in a JSON Pointer.
 */
export type Part = string | number | SetMember;

/** A member of a set, which serde writes as an array without a promised order. */
export type SetMember = readonly [Json];

/** The path from the root of a state to a place in it. */
export type Address = readonly Part[];

/** The change at one place; the guide describes the wire format. */
export type Op =
  | readonly ["=", Address, Json]
  | readonly ["+", Address, ...Json[]]
  | readonly ["-", Address]
  | readonly ["-", Address, Address]
  | readonly ["~", Address, number, readonly number[]];

/** The value at `address`; `undefined` if the place is absent. */
export function read(value: Json | undefined, address: Address): Json | undefined {
  for (const part of address) {
    if (value === undefined) return undefined;
    value = step(value, part);
  }
  return value;
}

/** The objects that the present `applyAll` has made, which nobody else has seen yet. */
let fresh: WeakSet<object> | undefined;

/** `state` after `ops`: a large map is copied once, however many of its entries change. */
export function applyAll(state: Json, ops: readonly Op[]): Json {
  fresh = new WeakSet();
  const next = ops.reduce(apply, state);
  // After an op that does not fit these objects remain, and are nobody's.
  fresh = undefined;
  return next;
}

/** `state` after `op`; throws if the op does not fit. */
export function apply(state: Json, op: Op): Json {
  const [kind, address] = op;
  switch (kind) {
    case "=":
      return address.length ? inOwner(state, address, (owner, part) => put(owner, part, share(step(owner, part), op[2]) as Json)) : op[2];
    case "+":
      return inOwner(state, address, (owner, part) => insert(owner, part, op.slice(2) as Json[]));
    case "-":
      return op[2]
        ? edit(state, address, 0, (owner) => without(owner, op[2]!))
        : inOwner(state, address, (owner, part) => without(owner, [part]));
    case "~":
      return edit(state, address, 0, (list) => reorder(list, op[2], op[3]));
    default:
      return misfit();
  }
}

/**
 * `next`, with every equal part replaced by that of `last`, so that an unchanged value keeps its
 * reference.
 */
export function share(last: unknown, next: unknown): unknown {
  if (Object.is(last, next) || !isPlain(last) || !isPlain(next) || Array.isArray(last) !== Array.isArray(next)) return next;
  const names = Object.keys(next);
  let isLast = names.length === Object.keys(last).length;
  let isNext = true;
  const shared = names.map((name) => {
    const had = own(last, name);
    const has = next[name];
    const kept = share(had, has);
    isLast &&= Object.is(kept, had) && Object.hasOwn(last, name);
    isNext &&= Object.is(kept, has);
    return kept;
  });
  // A large value of which a small part has changed is compared, and not copied again.
  return isLast ? last : isNext ? next : Array.isArray(next) ? shared : made(names, (_, at) => shared[at]);
}

/** Whether two values are equal as JSON. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  return share(a, b) === a;
}

type Branch = Record<string, unknown>;

const isObject = (value: unknown): value is Branch => typeof value === "object" && value !== null;

const isPlain = (value: unknown): value is Branch =>
  isObject(value) && (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value)));

const own = (value: Branch, name: string): unknown =>
  Object.hasOwn(value, name) ? value[name] : undefined;

function step(value: Json, part: Part): Json | undefined {
  if (!isObject(value)) return undefined;
  if (isMember(part)) return Array.isArray(value) ? (value as Json[])[position(value as Json[], part)] : undefined;
  return Array.isArray(value) && typeof part !== "number"
    ? undefined
    : (own(value, part as string) as Json | undefined);
}

/** Replaces the value at `address` by the result of `change`. */
function edit(value: Json, address: Address, at: number, change: (value: Json) => Json): Json {
  if (at === address.length) return change(value);
  const part = address[at]!;
  return put(value, part, edit(known(step(value, part)), address, at + 1, change));
}

function inOwner(state: Json, address: Address, change: (owner: Json, part: Part) => Json): Json {
  const last = known(address.at(-1));
  return edit(state, address.slice(0, -1), 0, (owner) => change(owner, last));
}

function put(owner: Json, part: Part, value: Json): Json {
  if (Object.is(step(owner, part), value)) return owner;
  if (Array.isArray(owner)) return owner.with(index(part, owner.length - 1), value);
  const branch = object(owner) as Branch;
  const key = String(part);
  if (fresh?.has(branch) && key !== "__proto__") return (branch[key] = value), owner;
  const names = Object.keys(branch);
  const copy = made(Object.hasOwn(branch, key) ? names : [...names, key], (name) => (name === key ? value : branch[name]));
  fresh?.add(copy);
  return copy as Json;
}

/**
 * Inserts into a list, where later elements move up by one index, or adds a new member; of a set at
 * the end, or before another member.
 */
function insert(owner: Json, part: Part, values: readonly Json[]): Json {
  if (isMember(part)) {
    const members = list(owner);
    const next = values.length ? position(members, values[0] as SetMember) : -1;
    return position(members, part) < 0 ? members.toSpliced(next < 0 ? members.length : next, 0, part[0]) : owner;
  }
  if (Array.isArray(owner)) return owner.toSpliced(index(part, owner.length, owner.length), 0, ...values);
  return Object.hasOwn(object(owner), part) ? misfit() : put(owner, part, known(values[0]));
}

/** Removes elements, all counted before the first removal, or members. */
function without(owner: Json, parts: Address): Json {
  if (Array.isArray(owner)) {
    const at = (part: Part): number => (isMember(part) ? position(owner, part) : index(part, owner.length - 1));
    const gone = new Set(parts.map(at));
    return owner.filter((_, at) => !gone.has(at));
  }
  const gone = new Set(parts.map(String));
  return made(Object.keys(object(owner)).filter((name) => !gone.has(name)), (name) => (owner as Branch)[name]) as Json;
}

/** An object of these members; for a large one several times as fast as a spread. */
function made(names: string[], value: (name: string, at: number) => unknown): Branch {
  // Only where there is such a member already, an assignment to it is one to a member.
  const branch: Branch = names.includes("__proto__") ? { ["__proto__"]: 0 } : {};
  names.forEach((name, at) => (branch[name] = value(name, at)));
  return branch;
}

/** Puts the elements from the indices `from` at `first` and the following indices. */
function reorder(value: Json, first: number, from: readonly number[]): Json {
  const elements = list(value);
  const moved = from.map((at) => elements[index(at, elements.length - 1)]!);
  return elements.toSpliced(index(first, elements.length - moved.length), moved.length, ...moved);
}

const isMember = (part: Part): part is SetMember => Array.isArray(part);

/** The index of a member in the array of its set; -1 if it is not there. */
const position = (members: readonly Json[], [member]: SetMember): number =>
  members.findIndex((present) => equal(present, member));

const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : misfit());

function index(part: Part, last: number, end?: number): number {
  if (part === "-" && end !== undefined) return end;
  return Number.isInteger(part) && (part as number) >= 0 && (part as number) <= last ? (part as number) : misfit();
}

const object = (value: Json): JsonObject => (isObject(value) ? (value as JsonObject) : misfit());

const known = <V>(value: V | undefined): V => (value === undefined ? misfit() : value);

function misfit(): never {
  throw Error("misfit");
}

/** Places in a store's state, with the names of the generated types: `tv.$.playback.position`. */

import { type Address, type Json, read } from "./json.ts";

declare const VALUE: unique symbol;
const ADDRESS = Symbol("address");

/** A place with a `V`, which may be read. */
export interface Readable<V> {
  readonly [VALUE]: V;
}

/** A collection that elements or entries may be inserted into. */
export interface Insertable<V> extends Readable<V> {
  readonly "the right to insert": true;
}

/** A collection that elements or entries may be removed from. */
export interface Removable<V> extends Readable<V> {
  readonly "the right to remove": true;
}

/** A set whose members may be added and deleted, one by one. */
export interface SetOf<Member> {
  readonly "the right to add and delete": Member;
}

/** A place that may be written as a whole. */
export interface Writable<V> extends Readable<V> {
  // A member whose name makes the compiler's message a sentence.
  readonly "the right to write": true;
}

/** A collection that may be written, as a whole and by its elements. */
export type Resizable<V> = Writable<V> & Insertable<V> & Removable<V>;

/** A list's place; `list[3]` is the place of an element. */
export type ListOf<List, Element> = List & { readonly [index: number]: Element };

/** A map's place; `map[key]` is the place of an entry. */
export type MapOf<Map, Entry> = Map & { readonly [key: string]: Entry };

/** The key of an element: an index in a list, a key in a map. */
export type PartOf<Collection> = Collection extends readonly unknown[] ? number : string;

export type ElementOf<Collection> = Collection extends readonly (infer Element)[]
  ? Element
  : Collection extends Readonly<Record<string, infer Entry>>
    ? Entry
    : never;

/** Values of some writable members; of all members, if the places are not known. */
export type Patch<V, Places> = unknown extends Places
  ? Partial<V>
  : { readonly [M in keyof Places as Places[M] extends Writable<any> ? M : never]?: Places[M] extends Writable<infer Value> ? Value : never };

/** The place at `address`, whose members are the places below it. */
export function placeAt(address: Address): object {
  return new Proxy(Object.freeze({}), {
    get: (_, name) =>
      name === ADDRESS ? address : typeof name === "string" ? placeAt([...address, name]) : undefined,
  });
}

/**
 * The address of a place, or of its text: names joined by dots. A name that contains a dot or a
 * quote is quoted as in JSON.
 */
export function addressOf(place: object | string, state: Json | undefined): Address {
  const parts = typeof place === "string" ? parse(place) : (place as { [ADDRESS]: Address })[ADDRESS];
  // Only the state distinguishes an index from a member with the same text.
  return parts.map((part) => {
    const found = Array.isArray(state) && /^\d+$/.test(part as string) ? Number(part) : part;
    state = read(state, [found]);
    return found;
  });
}

const parse = (text: string): Address =>
  text === "" ? [] : Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"|[^.]+/g), ([part]) =>
    part.startsWith('"') ? (JSON.parse(part) as string) : part);

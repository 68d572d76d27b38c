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
export type Op = readonly ["=", Address, Json] | readonly ["+", Address, ...Json[]] | readonly ["-", Address] | readonly ["-", Address, Address] | readonly ["~", Address, number, readonly number[]];
/** The value at `address`; `undefined` if the place is absent. */
export declare function read(value: Json | undefined, address: Address): Json | undefined;
/** `state` after `ops`: a large map is copied once, however many of its entries change. */
export declare function applyAll(state: Json, ops: readonly Op[]): Json;
/** `state` after `op`; throws if the op does not fit. */
export declare function apply(state: Json, op: Op): Json;
/**
 * `next`, with every equal part replaced by that of `last`, so that an unchanged value keeps its
 * reference.
 */
export declare function share(last: unknown, next: unknown): unknown;
/** Whether two values are equal as JSON. */
export declare function equal(a: Json | undefined, b: Json | undefined): boolean;

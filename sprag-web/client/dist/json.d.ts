/**
 * JSON values, places in them, and the ops that change them.
 *
 * Every function here is pure: a changed value shares all that has not changed with
 * the value before. Member names are data and never reach a prototype, so a member
 * called `__proto__` is a member like others.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
    readonly [member: string]: Json;
}
/** A member's name or an element's index; `-` inserts at the end of a list, as in a JSON Pointer. */
export type Part = string | number;
/** The way from the root of a state to a place in it. */
export type Address = readonly Part[];
/** What happened at one place; see the wire format in the guide. */
export type Op = readonly ["=", Address, Json] | readonly ["+", Address, ...Json[]] | readonly ["-", Address] | readonly ["-", Address, Address] | readonly ["~", Address, number, readonly number[]];
/** The value that `address` leads to; `undefined` where the place is absent. */
export declare function read(value: Json | undefined, address: Address): Json | undefined;
/** `state` after `op`; throws where the op does not fit. */
export declare function apply(state: Json, op: Op): Json;
/**
 * `next`, but with every part of `last` that is equal: what has not changed keeps
 * its reference.
 */
export declare function share(last: unknown, next: unknown): unknown;
/** Whether two values are equal as JSON. */
export declare function equal(a: Json | undefined, b: Json | undefined): boolean;

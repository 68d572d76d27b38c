/**
 * sprag's stores in the browser: the server's state, typed, live and writable.
 *
 * ```ts
 * import { store } from "sprag";
 * const tv = store<Tv, TvPlaces>("tv");
 * await tv.ready;
 * tv.subscribe(tv.$.playback.url, (url) => console.log(url));
 * ```
 */
import { type Places, Store } from "./store.ts";
export type { Json } from "./json.ts";
export type { Insertable, ListOf, MapOf, Readable, Removable, Resizable, SetOf, Writable } from "./place.ts";
export { Refused, type Status } from "./replica.ts";
export type { Change, Places, Selector, Store } from "./store.ts";
/** The store of a name: the same one wherever a page calls this, until it is closed. */
export declare function store<T, $ = unknown, P extends Places = Places>(name: string, { base }?: {
    base?: string;
}): Store<T, $, P>;

/**
 * The data that the server wrote into the page: `<script type="application/json" data-sprag-
 * state>`.
 */
import type { Snapshot } from "./replica.ts";
/** The state of the store `name`, or of its places, in the page's data, as JSON. */
export declare function hydrated(name: string, places?: string): Snapshot | undefined;

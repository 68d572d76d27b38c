/** The page's half of the store on the first page of the README. */

import type { Tv, TvPlaces } from "./readme.gen.ts";
declare const show: (url: string | null) => void;

// README
import { store } from "../../src/index.ts";

const tv = store<Tv, TvPlaces>("tv");
await tv.ready;

tv.subscribe(tv.$.url, (url) => show(url));
await tv.set(tv.$.volume, 30);
// README

/* Written by sprag-web from the types of the server; do not edit. */

import { type Readable, type Writable, store } from "../../src/index.ts";

export interface Tv {
  readonly url: string | null;
  readonly volume: number;
}

export interface TvPlaces {
  readonly url: Readable<string | null>;
  readonly volume: Writable<number>;
}

/** The places of `tv` that have no key in them, by their text. */
export type TvTexts = {
  url: string | null;
  volume: number;
};

export const tv = store<Tv, Readable<Tv> & TvPlaces, TvTexts>("tv");

/* Written by sprag-web from the types of the server; do not edit. */

import { type ListOf, type MapOf, type Readable, type Resizable, type Writable, store } from "../../src/index.ts";

export type Units = "first_one" | "2nd";

export type External = "Off" | { readonly On: number } | { readonly Range: readonly [number, number] } | { readonly Playing: { readonly title: string; readonly "at-second": number } };

export interface Song {
  readonly title: string;
}

export type Internal = { readonly kind: "off" } | { readonly kind: "of" } & Song | { readonly kind: "playing" } & ({ readonly title: string });

export type Adjacent = { readonly t: "Off" } | { readonly t: "On"; readonly c: number } | { readonly t: "Range"; readonly c: readonly [number, number] } | { readonly t: "Playing"; readonly c: { readonly title: string } };

export type Untagged = null | number | Song | readonly [number, number];

export type TaggedUnits = { readonly kind: "A" } | { readonly kind: "B" };

export interface Empty {}

export interface Tagged {
  readonly kind: "Renamed";
  readonly a: number;
}

export type ResultOfU8AndString = { readonly Ok: number } | { readonly Err: string };

export interface Tree {
  readonly name: string;
  readonly left: Tree | null;
  readonly others: readonly Tree[];
}

export interface PageOfSong {
  readonly items: readonly Song[];
  readonly next: number | null;
}

export interface PageOfU8 {
  readonly items: readonly number[];
  readonly next: number | null;
}

export interface Flat {
  readonly flat_one: number;
  readonly flat_two: string | null;
}

export interface MaybeFlat {
  readonly perhaps: number;
}

/** Every shape once. */
export type Fixture = {
  readonly isOn: boolean;
  readonly letter: string;
  readonly small: number;
  readonly large: number;
  readonly half: number;
  readonly text: string;
  readonly nothing: null;
  readonly length: { secs: number; nanos: number };
  readonly maybe: number | null;
  readonly twice: number | null | null;
  readonly bytes: readonly number[];
  readonly three: readonly [number, number, number];
  readonly many: readonly number[];
  readonly pair: readonly [number, string];
  readonly byNumber: Readonly<Record<string, Units>>;
  readonly units: readonly Units[];
  readonly external: readonly External[];
  readonly internal: readonly Internal[];
  readonly adjacent: readonly Adjacent[];
  readonly untagged: readonly Untagged[];
  readonly taggedUnits: readonly TaggedUnits[];
  readonly wrapped: number;
  readonly transparent: readonly number[];
  readonly two: readonly [number, string];
  readonly unit: null;
  readonly empty: Empty;
  readonly tagged: Tagged;
  readonly outcome: readonly ResultOfU8AndString[];
  readonly tree: Tree;
  readonly page: PageOfSong;
  readonly pages: PageOfU8;
  readonly "a-b \"c\"": number;
  readonly absent?: readonly number[];
  readonly number: `${number}`;
  readonly written: readonly External[];
  readonly noPlace: number;
} & Flat & Partial<MaybeFlat>;

export interface ExternalPlaces {
  readonly On: Readable<number>;
  readonly Range: Readable<readonly [number, number]>;
  readonly Playing: Readable<{ readonly title: string; readonly "at-second": number }>;
}

export interface InternalPlaces {
  readonly title: Readable<string>;
}

export interface AdjacentPlaces {
  readonly c: Readable<number>;
}

export interface UntaggedPlaces {
  readonly title: Readable<string>;
}

export interface TaggedPlaces {
  readonly a: Readable<number>;
}

export interface ResultOfU8AndStringPlaces {
  readonly Ok: Readable<number>;
  readonly Err: Readable<string>;
}

export interface TreePlaces {
  readonly name: Readable<string>;
  readonly left: Readable<Tree | null> & TreePlaces;
  readonly others: ListOf<Readable<readonly Tree[]>, Readable<Tree> & TreePlaces>;
}

export interface SongPlaces {
  readonly title: Readable<string>;
}

export interface PageOfSongPlaces {
  readonly items: ListOf<Readable<readonly Song[]>, Readable<Song> & SongPlaces>;
  readonly next: Readable<number | null>;
}

export interface PageOfU8Places {
  readonly items: ListOf<Readable<readonly number[]>, Readable<number>>;
  readonly next: Readable<number | null>;
}

export interface WritableExternalPlaces {
  readonly On: Writable<number>;
  readonly Range: Writable<readonly [number, number]>;
  readonly Playing: Writable<{ readonly title: string; readonly "at-second": number }>;
}

export interface FixturePlaces {
  readonly isOn: Readable<boolean>;
  readonly letter: Readable<string>;
  readonly small: Readable<number>;
  readonly large: Readable<number>;
  readonly half: Readable<number>;
  readonly text: Readable<string>;
  readonly nothing: Readable<null>;
  readonly length: Readable<{ secs: number; nanos: number }>;
  readonly maybe: Readable<number | null>;
  readonly twice: Readable<number | null | null>;
  readonly bytes: ListOf<Readable<readonly number[]>, Readable<number>>;
  readonly three: ListOf<Readable<readonly [number, number, number]>, Readable<number>>;
  readonly many: Readable<readonly number[]>;
  readonly pair: Readable<readonly [number, string]>;
  readonly byNumber: MapOf<Readable<Readonly<Record<string, Units>>>, Readable<Units>>;
  readonly units: ListOf<Readable<readonly Units[]>, Readable<Units>>;
  readonly external: ListOf<Readable<readonly External[]>, Readable<External> & ExternalPlaces>;
  readonly internal: ListOf<Readable<readonly Internal[]>, Readable<Internal> & InternalPlaces>;
  readonly adjacent: ListOf<Readable<readonly Adjacent[]>, Readable<Adjacent> & AdjacentPlaces>;
  readonly untagged: ListOf<Readable<readonly Untagged[]>, Readable<Untagged> & UntaggedPlaces>;
  readonly taggedUnits: ListOf<Readable<readonly TaggedUnits[]>, Readable<TaggedUnits>>;
  readonly wrapped: Readable<number>;
  readonly transparent: ListOf<Readable<readonly number[]>, Readable<number>>;
  readonly two: Readable<readonly [number, string]>;
  readonly unit: Readable<null>;
  readonly empty: Readable<Empty>;
  readonly tagged: Readable<Tagged> & TaggedPlaces;
  readonly outcome: ListOf<Readable<readonly ResultOfU8AndString[]>, Readable<ResultOfU8AndString> & ResultOfU8AndStringPlaces>;
  readonly tree: Readable<Tree> & TreePlaces;
  readonly page: Readable<PageOfSong> & PageOfSongPlaces;
  readonly pages: Readable<PageOfU8> & PageOfU8Places;
  readonly "a-b \"c\"": Readable<number>;
  readonly absent: ListOf<Readable<readonly number[]>, Readable<number>>;
  readonly number: Readable<`${number}`>;
  readonly written: ListOf<Resizable<readonly External[]>, Writable<External> & WritableExternalPlaces>;
  readonly flat_one: Readable<number>;
  readonly flat_two: Readable<string | null>;
  readonly perhaps: Readable<number>;
}

/** The places of `fixture` that have no key in them, by their text. */
export type FixtureTexts = {
  isOn: boolean;
  letter: string;
  small: number;
  large: number;
  half: number;
  text: string;
  nothing: null;
  length: { secs: number; nanos: number };
  maybe: number | null;
  twice: number | null | null;
  bytes: readonly number[];
  three: readonly [number, number, number];
  many: readonly number[];
  pair: readonly [number, string];
  byNumber: Readonly<Record<string, Units>>;
  units: readonly Units[];
  external: readonly External[];
  internal: readonly Internal[];
  adjacent: readonly Adjacent[];
  untagged: readonly Untagged[];
  taggedUnits: readonly TaggedUnits[];
  wrapped: number;
  transparent: readonly number[];
  two: readonly [number, string];
  unit: null;
  empty: Empty;
  tagged: Tagged;
  "tagged.a": number;
  outcome: readonly ResultOfU8AndString[];
  tree: Tree;
  "tree.name": string;
  "tree.left": Tree | null;
  "tree.others": readonly Tree[];
  page: PageOfSong;
  "page.items": readonly Song[];
  "page.next": number | null;
  pages: PageOfU8;
  "pages.items": readonly number[];
  "pages.next": number | null;
  "\"a-b \\\"c\\\"\"": number;
  absent: readonly number[] | undefined;
  number: `${number}`;
  written: readonly External[];
  flat_one: number;
  flat_two: string | null;
  perhaps: number | undefined;
};

export const fixture = store<Fixture, Readable<Fixture> & FixturePlaces, FixtureTexts>("fixture");

/** What a server's types look like here: the shape that generated files have. */

import { type ListOf, type MapOf, type Readable, store, type Writable } from "../../src/index.ts";

export interface Tv {
  readonly playback: Playback;
  readonly volume: number;
  readonly queue: readonly Song[];
  readonly users: Readonly<Record<string, User>>;
}

export interface Playback {
  readonly url: string | null;
  /** In seconds. */
  readonly position: number;
}

export interface Song {
  readonly title: string;
}

export interface User {
  readonly name: string;
}

export interface TvPlaces extends Readable<Tv> {
  readonly playback: PlaybackPlaces;
  readonly volume: Writable<number>;
  readonly queue: ListOf<Writable<readonly Song[]>, SongPlaces>;
  readonly users: MapOf<Readable<Readonly<Record<string, User>>>, UserPlaces>;
}

export interface PlaybackPlaces extends Readable<Playback> {
  readonly url: Readable<string | null>;
  readonly position: Readable<number>;
}

export interface SongPlaces extends Writable<Song> {
  readonly title: Writable<string>;
}

export interface UserPlaces extends Readable<User> {
  readonly name: Writable<string>;
}

/** The places that have no key in them, by their text. */
export type TvTexts = {
  playback: Playback;
  "playback.url": string | null;
  "playback.position": number;
  volume: number;
  queue: readonly Song[];
  users: Readonly<Record<string, User>>;
};

export const tv = store<Tv, TvPlaces, TvTexts>("tv");

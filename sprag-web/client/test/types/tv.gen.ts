/* Written by sprag-web from the types of the server; do not edit. */

import { type Insertable, type ListOf, type MapOf, type Readable, type Removable, type Resizable, type SetOf, type Writable, store } from "../../src/index.ts";

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

export interface Room {
  readonly name: string;
}

/** A device and its state. */
export interface Tv {
  readonly playback: Playback;
  readonly volume: number;
  readonly queue: readonly Song[];
  readonly tags: readonly string[];
  readonly years: readonly number[];
  readonly seen: readonly number[];
  readonly users: Readonly<Record<string, User>>;
  /** Elements are inserted and removed; no write replaces a whole one. */
  readonly rooms: Readonly<Record<string, Room>>;
}

export interface PlaybackPlaces {
  readonly url: Readable<string | null>;
  /** In seconds. */
  readonly position: Readable<number>;
}

export interface WritableSongPlaces {
  readonly title: Writable<string>;
}

export interface UserPlaces {
  readonly name: Writable<string>;
}

export interface WritableRoomPlaces {
  readonly name: Writable<string>;
}

export interface TvPlaces {
  readonly playback: Readable<Playback> & PlaybackPlaces;
  readonly volume: Writable<number>;
  readonly queue: ListOf<Resizable<readonly Song[]>, Writable<Song> & WritableSongPlaces>;
  readonly tags: Writable<readonly string[]> & SetOf<string>;
  readonly years: Writable<readonly number[]> & SetOf<number>;
  readonly seen: Readable<readonly number[]>;
  readonly users: MapOf<Readable<Readonly<Record<string, User>>>, Readable<User> & UserPlaces>;
  /** Elements are inserted and removed; no write replaces a whole one. */
  readonly rooms: MapOf<Insertable<Readonly<Record<string, Room>>> & Removable<Readonly<Record<string, Room>>>, Readable<Room> & WritableRoomPlaces>;
}

/** The places of `tv` that have no key in them, by their text. */
export type TvTexts = {
  playback: Playback;
  "playback.url": string | null;
  "playback.position": number;
  volume: number;
  queue: readonly Song[];
  tags: readonly string[];
  years: readonly number[];
  seen: readonly number[];
  users: Readonly<Record<string, User>>;
  rooms: Readonly<Record<string, Room>>;
};

export const tv = store<Tv, Readable<Tv> & TvPlaces, TvTexts>("tv");

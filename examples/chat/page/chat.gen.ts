/* Written by sprag-web from the types of the server; do not edit. */

import { type ListOf, type MapOf, type Readable, type Resizable, type Writable, store } from "sprag";

/** A line in a room. */
export interface Said {
  /** The number of the line in the room. */
  readonly id: number;
  /** The user's name. */
  readonly by: string;
  /** The line. */
  readonly text: string;
}

/** A user in a room. */
export interface Presence {
  /** Whether the user is typing. */
  readonly typing: boolean;
}

/** A room. */
export interface Room {
  /** The topic, which the users in the room can change. */
  readonly topic: string;
  /** The last lines. */
  readonly said: readonly Said[];
  /** The users in the room, by name. */
  readonly present: Readonly<Record<string, Presence>>;
}

/** The rooms, which everybody sees. */
export interface Chat {
  /** The rooms by name. */
  readonly rooms: Readonly<Record<string, Room>>;
}

/** The state of one user, which other users do not see. */
export interface Me {
  /** The user's name. */
  readonly name: string;
  /** The room that the user is in. */
  readonly room: string;
  /** Whether the user is typing. */
  readonly typing: boolean;
  /** The lines that the server has not added to the room yet. */
  readonly outbox: readonly string[];
  /** The last line that the user has seen, for each room, in all windows. */
  readonly read: Readonly<Record<string, number>>;
  /** Grows while a window of the user is open. */
  readonly beat: number;
}

export interface SaidPlaces {
  /** The number of the line in the room. */
  readonly id: Readable<number>;
  /** The user's name. */
  readonly by: Readable<string>;
  /** The line. */
  readonly text: Readable<string>;
}

export interface PresencePlaces {
  /** Whether the user is typing. */
  readonly typing: Readable<boolean>;
}

export interface RoomPlaces {
  /** The topic, which the users in the room can change. */
  readonly topic: Writable<string>;
  /** The last lines. */
  readonly said: ListOf<Readable<readonly Said[]>, Readable<Said> & SaidPlaces>;
  /** The users in the room, by name. */
  readonly present: MapOf<Readable<Readonly<Record<string, Presence>>>, Readable<Presence> & PresencePlaces>;
}

export interface ChatPlaces {
  /** The rooms by name. */
  readonly rooms: MapOf<Readable<Readonly<Record<string, Room>>>, Readable<Room> & RoomPlaces>;
}

export interface MePlaces {
  /** The user's name. */
  readonly name: Readable<string>;
  /** The room that the user is in. */
  readonly room: Writable<string>;
  /** Whether the user is typing. */
  readonly typing: Writable<boolean>;
  /** The lines that the server has not added to the room yet. */
  readonly outbox: ListOf<Resizable<readonly string[]>, Writable<string>>;
  /** The last line that the user has seen, for each room, in all windows. */
  readonly read: MapOf<Resizable<Readonly<Record<string, number>>>, Writable<number>>;
  /** Grows while a window of the user is open. */
  readonly beat: Writable<number>;
}

/** The places of `chat` that have no key in them, by their text. */
export type ChatTexts = {
  rooms: Readonly<Record<string, Room>>;
};

export const chat = store<Chat, Readable<Chat> & ChatPlaces, ChatTexts>("chat");

/** The places of `me` that have no key in them, by their text. */
export type MeTexts = {
  name: string;
  room: string;
  typing: boolean;
  outbox: readonly string[];
  read: Readonly<Record<string, number>>;
  beat: number;
};

export const me = store<Me, Readable<Me> & MePlaces, MeTexts>("me");

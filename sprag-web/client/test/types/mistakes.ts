/** What does not compile, and what the compiler says: each comment is above its line. */

import { tv } from "./tv.gen.ts";

// Property 'positon' does not exist on type 'Readable<Playback> & PlaybackPlaces'. Did you mean 'position'?
tv.get(tv.$.playback.positon);
// Argument of type '"playback.positon"' is not assignable
tv.get("playback.positon");
// Argument of type 'string' is not assignable to parameter of type 'number'
tv.set(tv.$.volume, "30");
// Property '"the right to write"' is missing in type 'Readable<number>'
tv.set(tv.$.playback.position, 1);
// '"the right to remove"'
tv.remove(tv.$.users, "7");
// '"the right to write"'
tv.set(tv.$.rooms["attic"]!, { name: "attic" });
// Object literal may only specify known properties, and 'playback' does not exist in type '{ readonly volume?: number;
tv.patch({ playback: { url: null, position: 1 } });
// Object literal may only specify known properties, but 'volum' does not exist in type '{ readonly volume?: number; readonly queue?: readonly Song[]; readonly tags?: readonly string[]; readonly years?: readonly number[]; }'. Did you mean to write 'volume'?
tv.patch({ volum: 3 });
// Type 'number' is not assignable to type 'string'.
tv.patch({ name: 7 }, tv.$.users["7"]!);
// Argument of type 'string' is not assignable to parameter of type 'number'
tv.insert(tv.$.queue, "first", { title: "Alien" });
// Argument of type 'number' is not assignable to parameter of type 'string'
tv.remove(tv.$.rooms, 7);
// Argument of type 'string' is not assignable to parameter of type 'Writable<number>'
tv.set("volume", 30);
// Argument of type 'string' is not assignable to parameter of type 'Writable<number>'
tv.update("volume", (volume: number) => volume + 1);
// Property '"the right to insert"' is missing in type 'Writable<number>'
tv.push(tv.$.volume, 1);
// '"volum"' is not assignable to parameter of type '"playback" | "playback.position"
tv.subscribe("volum", () => {});
// Argument of type 'number' is not assignable to parameter of type 'string'
tv.add(tv.$.tags, 7);
// '"the right to add and delete"'
tv.delete(tv.$.seen, 1999);
// '"the right to insert"'
tv.push(tv.$.tags, "rock");
// Property 'rock' does not exist on type 'Writable<readonly string[]> & SetOf<string>'
tv.at(tv.$.tags.rock);
// '"the right to add and delete"'
tv.add(tv.$.queue, { title: "Alien" });
// This comparison appears to be unintentional
export const isLive = tv.status === "online";
// Type 'number' is not assignable to type 'string'
tv.push(tv.$.queue, { title: 7 });
// Object literal may only specify known properties, but 'titel' does not exist in type 'Song'. Did you mean to write 'title'?
tv.push(tv.$.queue, { titel: "Alien" });
// Property 'positon' does not exist on type 'Playback'. Did you mean 'position'?
tv.subscribe((state) => state.playback.positon, () => {});
// Type 'string' is not assignable to type 'number'
tv.update(tv.$.volume, (volume) => `${volume}`);
// Cannot assign to 'volume' because it is a read-only property
tv.get().volume = 3;

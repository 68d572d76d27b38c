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

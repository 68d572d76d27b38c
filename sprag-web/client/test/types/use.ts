/** What compiles. */

import { tv } from "./tv.gen.ts";

const position: number = tv.get(tv.$.playback.position);
const url: string | null = tv.get("playback.url");
const title: string = tv.get(tv.$.queue[0]!.title);
const name: string = tv.get(tv.$.users["7"]!.name);
export const values = [position, url, title, name, tv.get().volume];

export async function writes(): Promise<void> {
  await tv.set(tv.$.volume, 30);
  await tv.set(tv.$.users["7"]!.name, "ann");
  await tv.push(tv.$.queue, { title: "Alien" });
  await tv.insert(tv.$.queue, 0, { title: "Brazil" });
  await tv.remove(tv.$.queue, 0);
  await tv.insert(tv.$.rooms, "attic", { name: "attic" });
  await tv.remove(tv.$.rooms, "attic");
  await tv.set(tv.$.rooms["attic"]!.name, "loft");
  await tv.patch({ volume: 30 });
  await tv.patch({ name: "bob" }, tv.$.users["7"]!);
  await tv.patch({ title: "Alien 3" }, tv.$.queue[0]!);
  await tv.add(tv.$.tags, "rock");
  await tv.delete(tv.$.years, 1999);
  await tv.set(tv.$.tags, ["rock"]);
  await tv.update(tv.$.volume, (volume) => volume + 1);
}

export const ends = [
  tv.subscribe(tv.$.playback.url, (url: string | null, { version }) => console.log(url, version)),
  tv.subscribe("playback.position", (position: number) => console.log(position), { immediate: true }),
  tv.subscribe((state) => state.queue.length, (length: number) => console.log(length)),
];

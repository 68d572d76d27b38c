/** A page of Solid's. */

import { mapArray } from "solid-js";
import { insert, render } from "solid-js/web";
import { useStore } from "../../../src/solid.ts";
import { page, tv } from "./page.ts";

function element(name: string, content: () => string | number): Element {
  const made = document.createElement(name);
  insert(made, content);
  return made;
}

page((main) => {
  main.replaceChildren();
  render(() => {
    const songs = mapArray(useStore(tv, ({ queue }) => queue.map((song) => song.toUpperCase())), (song) => element("i", () => song));
    const [title, volume] = [useStore(tv, tv.$.title), useStore(tv, (state) => state.volume)];
    const div = document.createElement("div");
    insert(div, [element("h1", title), element("b", volume), songs as never]);
    return div;
  }, main);
});

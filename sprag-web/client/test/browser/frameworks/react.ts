/** A page of React's, which hydrates what the server rendered. */

import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { useStore } from "../../../src/react.ts";
import { page, tv } from "./page.ts";

function Tv() {
  const title = useStore(tv, tv.$.title);
  const volume = useStore(tv, (state) => state.volume);
  const songs = useStore(tv, ({ queue }) => queue.map((song) => song.toUpperCase()));
  return createElement(
    "div",
    null,
    createElement("h1", null, title),
    createElement("b", null, volume),
    songs.map((song) => createElement("i", { key: song }, song)),
  );
}

page((main, errors) =>
  void hydrateRoot(main, createElement(Tv), { onRecoverableError: (error) => errors.push(String(error)) }));

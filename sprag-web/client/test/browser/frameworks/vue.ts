/** A page of Vue's, which hydrates what the server rendered. */

import { createSSRApp, h } from "vue";
import { useStore } from "../../../src/vue.ts";
import { page, tv } from "./page.ts";

page((main, errors) => {
  const app = createSSRApp({
    setup() {
      const [title, volume] = [useStore(tv, tv.$.title), useStore(tv, (state) => state.volume)];
      const songs = useStore(tv, ({ queue }) => queue.map((song) => song.toUpperCase()));
      return () => h("div", [h("h1", title.value), h("b", volume.value), ...songs.value.map((song) => h("i", song))]);
    },
  });
  app.config.warnHandler = (text) => void errors.push(text);
  app.mount(main);
});

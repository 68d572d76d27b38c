/** A page of Svelte's. */

import { mount } from "svelte";
import Tv from "./Tv.svelte";
import { page } from "./page.ts";

page((main) => {
  main.replaceChildren();
  mount(Tv, { target: main });
});

// The page of the media hub: three stores of the server, and the parts that show them.

import { store } from "/sprag/client.js";
import { library } from "./library.js";
import { byId } from "./parts.js";
import { player } from "./player.js";
import { side } from "./side.js";

const [tv, shelf, house] = ["tv", "library", "house"].map((name) => store(name));

link(tv);
await Promise.all([tv.ready, shelf.ready, house.ready]);
library(shelf, tv);
player(tv, shelf);
side(tv, house);
document.body.classList.add("ready");

/** Says so when the server is gone, and that it is back. */
function link(store) {
  const words = {
    stale: "The hub does not answer. What you see may be old; this page tries again by itself.",
    offline: "You are offline. What you see may be old; this page goes on when you are back.",
    denied: "The hub does not let this page in.",
  };
  const show = (status) => {
    const text = words[status];
    byId("link").hidden = text === undefined;
    byId("link").textContent = text ?? "";
    document.body.classList.toggle("cut", text !== undefined);
  };
  store.onStatus(show);
  show(store.status);
}

/** The client for pages without a build: `/sprag/client.js`, which also binds `data-sprag`. */

export * from "./index.ts";
export { bind } from "./html.ts";

import { bind } from "./html.ts";

bind();

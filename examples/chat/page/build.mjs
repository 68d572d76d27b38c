// Builds `chat.js` from `chat.tsx`: with `--check`, says whether it is the build of its source.
// The packages are those of the client, `sprag-web/client`: `npm ci` there.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const client = at("../../../sprag-web/client");
const { build } = createRequire(`${client}/package.json`)("esbuild");

const { outputFiles } = await build({
  entryPoints: [at("chat.tsx")],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "sprag/react": `${client}/src/react.ts` },
  // The client is the server's own, so that a new client is not a new bundle.
  plugins: [{ name: "client", setup: (build) => build.onResolve({ filter: /^sprag$/ }, () => ({ path: "/sprag/client.js", external: true })) }],
  nodePaths: [`${client}/node_modules`],
  absWorkingDir: client,
});
const [{ text }] = outputFiles;
if (!process.argv.includes("--check")) writeFileSync(at("chat.js"), text);
else if (readFileSync(at("chat.js"), "utf8") !== text) {
  console.error("examples/chat/page/chat.js is not the build of chat.tsx; run `npm run build:chat`");
  process.exit(1);
}

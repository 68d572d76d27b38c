// Builds `dist/` from `src/`: with `--check`, says whether it is the build of its source.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const check = process.argv.includes("--check");
const out = check ? mkdtempSync(join(tmpdir(), "sprag-client-")) : join(here, "dist");
const entries = ["index", "html", "react", "svelte", "vue", "solid"];

rmSync(out, { recursive: true, force: true });
const common = { bundle: true, format: "esm", target: "es2022", minify: true, legalComments: "none" };
await build({
  ...common,
  entryPoints: entries.map((entry) => join(here, `src/${entry}.ts`)),
  outdir: out,
  splitting: true,
  chunkNames: "shared-[hash]",
  external: ["react", "vue", "solid-js"],
});
// One file each for pages without a build, and for the worker, which a page may import.
await build({ ...common, entryPoints: [join(here, "src/page.ts")], outfile: join(out, "client.js") });
await build({ ...common, entryPoints: [join(here, "src/worker.ts")], outfile: join(out, "worker.js") });
// A chunk that an entry imports for its order alone has no effect; bundlers would warn of it.
for (const entry of entries) {
  const file = join(out, `${entry}.js`);
  writeFileSync(file, readFileSync(file, "utf8").replace(/import"[^"]+";/g, ""));
}
execFileSync(
  process.execPath,
  [join(here, "node_modules/typescript/bin/tsc"), "-p", join(here, "tsconfig.build.json"), "--outDir", out],
  { stdio: "inherit", cwd: here },
);

if (check) {
  const [built, committed] = [files(out), files(join(here, "dist"))];
  rmSync(out, { recursive: true });
  const stale = [...new Set([...built.keys(), ...committed.keys()])].filter(
    (name) => built.get(name) !== committed.get(name),
  );
  if (stale.length) {
    console.error(`dist/ is not the build of src/: ${stale.join(", ")}; run \`npm run build\``);
    process.exit(1);
  }
}

function files(folder) {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

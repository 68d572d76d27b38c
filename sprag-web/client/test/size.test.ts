/** W11: what a page loads is small. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** The size of an entry as a page loads it, without what the adapters' frameworks bring. */
async function size(entry: string, external: string[] = []): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}.ts`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["react", "vue", "solid-js", ...external],
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

test("W11: the client, its worker and its adapters", async () => {
  const limits = { index: 3_720, page: 4_096, worker: 4_020, html: 620, react: 300, vue: 300, solid: 300, svelte: 300 };
  for (const [entry, limit] of Object.entries(limits)) {
    // An adapter comes beside the client, with which it shares all but itself.
    const shared = ["index", "page", "worker"].includes(entry) ? [] : ["./index.ts", "./reader.ts"];
    const found = await size(entry, shared);
    assert.ok(found <= limit, `${entry}: ${found} of ${limit} bytes`);
  }
});

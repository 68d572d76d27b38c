/** W1: a wrong place and a write to a read-only one are errors of the compiler. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("types/", import.meta.url));
const client = fileURLToPath(new URL("..", import.meta.url));

/** The first lines of what the compiler says of the files in `types/`, by line. */
function diagnostics(): Map<string, string> {
  const flags = ["--noEmit", "--pretty", "false", "-p", `${client}tsconfig.types.json`];
  let text = "";
  try {
    execFileSync(process.execPath, [`${client}node_modules/typescript/bin/tsc`, ...flags], { cwd: client });
  } catch (error) {
    text = String((error as { stdout: Buffer }).stdout);
  }
  const found = new Map<string, string>();
  let at = "";
  for (const line of text.split("\n")) {
    const head = /^(.*?)\((\d+),\d+\): error/.exec(line);
    if (head) at = `${head[1]!.split("/").at(-1)}:${head[2]}`;
    found.set(at, `${found.get(at) ?? ""}${line}\n`);
  }
  return found;
}

test("W1: the page's half of the store in the README is what compiles", () => {
  const block = readFileSync(`${here}readme.ts`, "utf8").split("// README\n")[1]!.replace("../../src/index.ts", "sprag");
  const readme = readFileSync(`${client}../../README.md`, "utf8");
  assert.ok(readme.includes(`\`\`\`ts\n${block}\`\`\``), block);
});

test("W1: each mistake is one error at its line, and nothing else is", () => {
  const found = diagnostics();
  const lines = readFileSync(`${here}mistakes.ts`, "utf8").split("\n");
  for (const [above, line] of lines.entries()) {
    if (!line.startsWith("// ")) continue;
    const at = `mistakes.ts:${above + 2}`;
    const said = found.get(at) ?? "";
    assert.ok(said.includes(line.slice(3)), `${at}: expected ${line.slice(3)}\nfound ${said}`);
    assert.equal(said.match(/: error/g)?.length, 1, said);
    found.delete(at);
  }
  assert.deepEqual([...found.values()].join("").trim(), "");
});

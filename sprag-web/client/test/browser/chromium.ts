/** A headless Chromium of this machine, in front of the pages of the example `page`. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { type Browser, launch, type Page } from "puppeteer-core";
import type { Store } from "../../src/store.ts";

/** What the example `page` shows. */
export interface Tv {
  readonly title: string;
  readonly volume: number;
  readonly muted: boolean;
  readonly queue: readonly string[];
  readonly position: number;
}

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  // Names that the test's pages have on a local network, and that an attacker gives this machine.
  "--host-resolver-rules=MAP tv.lan 127.0.0.1, MAP evil.test 127.0.0.1",
];

/** The browser's program: `SPRAG_CHROMIUM`, or the first that the `PATH` has. */
export const chromium: string | undefined = process.env["SPRAG_CHROMIUM"] ?? inPath(NAMES);

/** The first program of these names in the `PATH`. */
export function inPath(names: readonly string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program of the server, which `cargo build -p sprag-web --example page` builds. */
const program = process.env["SPRAG_PAGE"];

/** What a test of a page needs; the test says why where it skips. */
export const options = {
  skip: !chromium ? "no Chromium" : !program ? "no SPRAG_PAGE" : false,
  timeout: 100_000,
};

/** A browser with a profile of its own. */
export async function open(): Promise<Browser> {
  return launch({ executablePath: chromium!, headless: true, args: FLAGS });
}

/** The example `page`, which can be killed and started again on its port. */
export class Server {
  port = 0;
  readonly #built = mkdtempSync(join(tmpdir(), "sprag-pages-"));
  #child: ChildProcess | undefined;

  /** Starts the server, with `entry` of this folder as `/built/framework.js`. */
  static async start(entry?: string): Promise<Server> {
    const server = new Server();
    if (entry) await bundle(entry, join(server.#built, "framework.js"));
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const child = spawn(program!, [String(this.port), this.#built], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    const [line] = await once(createInterface(child.stdout!), "line");
    this.port = Number(line);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child!, "exit");
    this.#child!.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#built, { recursive: true });
  }

  url(path = "/", host = "127.0.0.1"): string {
    return `http://${host}:${this.port}${path}`;
  }

  /** The server itself writes: `position` is one more. */
  async advance(): Promise<void> {
    await fetch(this.url("/advance"), { method: "POST" });
  }

  async counts(): Promise<{ streams: number; refused: Record<string, number> }> {
    return (await fetch(this.url("/counts"))).json() as Promise<{ streams: number; refused: Record<string, number> }>;
  }
}

async function bundle(entry: string, outfile: string): Promise<void> {
  const entryPoint = fileURLToPath(new URL(entry, import.meta.url));
  const define = { "process.env.NODE_ENV": '"development"' };
  const [conditions, plugins] = [["browser"], [svelte]];
  await build({ entryPoints: [entryPoint], outfile, bundle: true, format: "esm", target: "es2022", define, conditions, plugins });
}

/** Compiles components of Svelte's. */
const svelte: Plugin = {
  name: "svelte",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { compile } = await import("svelte/compiler");
      return { contents: compile(readFileSync(path, "utf8"), { generate: "client" }).js.code };
    }),
};

/** Runs `act` with a server and a browser, which end with it. */
export async function scenario(
  act: (browser: Browser, server: Server) => Promise<void>,
  { entry }: { entry?: string } = {},
): Promise<void> {
  const server = await Server.start(entry);
  try {
    const browser = await open();
    await act(browser, server).finally(() => browser.close());
  } finally {
    await server.close();
  }
}

/** What a browser may lack. */
export type Lacking = "SharedWorker" | "locks";

/** A page that runs functions of the tests, in a browser without what it is `lacking`. */
export async function blank(browser: Browser, lacking: readonly Lacking[] = []): Promise<Page> {
  const page = await browser.newPage();
  if (lacking.includes("SharedWorker")) await page.evaluateOnNewDocument("delete globalThis.SharedWorker");
  if (lacking.includes("locks")) await page.evaluateOnNewDocument("delete Navigator.prototype.locks");
  // The loader of TypeScript marks the names of functions with a helper of its own.
  await page.evaluateOnNewDocument("globalThis.__name = (f) => f");
  return page;
}

/** A page at `url` whose store is live. */
export async function visit(browser: Browser, url: string, lacking: readonly Lacking[] = []): Promise<Page> {
  const page = await blank(browser, lacking);
  await page.goto(url);
  await isLive(page);
  return page;
}

/** What the page logs as errors: refused scripts, uncaught exceptions. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(String(error)));
  page.on("console", (message) => void (message.type() === "error" && found.push(message.text())));
  return found;
}

declare global {
  /** Where a test leaves its store, in the page. */
  var tv: Store<Tv, any>;
}

/** Waits for the store, and leaves it as `tv` for the functions that the test runs in the page. */
export async function isLive(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/index.ts");
    globalThis.tv = store<Tv, any>("tv");
    await tv.ready;
  });
  await status(page, "live");
}

export async function status(page: Page, expected: string): Promise<void> {
  await eventually(`the status is ${expected}`, () => page.evaluate(() => tv.status), expected);
}

export const position = (page: Page): Promise<number> => page.evaluate(() => tv.get().position);

/** Waits until `look` gives `expected`. */
export async function eventually<V>(what: string, look: () => Promise<V> | V, expected: V, most = 20_000): Promise<void> {
  let found: V | undefined;
  for (const end = Date.now() + most; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
    found = await look();
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
  }
  assert.deepEqual(found, expected, what);
}

/** Media hubs, `examples/media_hub`, with their pages; and a NATS server for those that share their state. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "puppeteer-core";
import { chromium, eventually, inPath, open } from "./chromium.ts";

/** The hub, which `cargo build --example media_hub --features nats` builds. */
const program = process.env["SPRAG_HUB"];

/** What a test of the hub's page needs; the test says why where it skips. */
export const options = { skip: !chromium ? "no Chromium" : !program ? "no SPRAG_HUB" : (false as string | false), timeout: 100_000 };

/** The server that keeps the state of several hubs: `SPRAG_NATS_SERVER`, or that of the `PATH`. */
const nats = process.env["SPRAG_NATS_SERVER"] ?? inPath(["nats-server"]);

/** What a test of several hubs needs. */
export const twinOptions = { ...options, skip: options.skip || (!nats && "no nats-server") };

/** A folder with a `media` of three files. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "sprag-hub-"));
  for (const name of ["media", "state"]) mkdirSync(join(made, name));
  for (const name of ["harbour.jpg", "Sigur_Rós.wav", "two.wav"]) {
    writeFileSync(join(made, "media", name), name.endsWith("wav") ? song(200) : "picture");
  }
  return made;
}

/** A hub, which can be killed and started again at its address. */
export class Hub {
  readonly #media: string;
  readonly #memory: readonly string[];
  #address = "127.0.0.1:0";
  #child: ChildProcess | undefined;

  /** A hub with the media of `folder`; `memory` are the arguments that say where its state is. */
  constructor(folder: string, memory: readonly string[]) {
    [this.#media, this.#memory] = [join(folder, "media"), memory];
  }

  async start(): Promise<void> {
    const env = { ...process.env, RUST_LOG: "warn" };
    const options = ["--serve", this.#address, ...this.#memory];
    this.#child = spawn(program!, [this.#media, ...options], { stdio: ["ignore", "pipe", "inherit"], env });
    for await (const line of createInterface(this.#child.stdout!)) {
      const [, address] = /the page is at http:\/\/(.*)/.exec(line) ?? [];
      if (address === undefined) continue;
      this.#address = address;
      return;
    }
  }

  get port(): number {
    return Number(this.#address.split(":")[1]);
  }

  async kill(): Promise<void> {
    await killed(this.#child!);
  }

  /** A window at this hub, or at an `address` that leads to it. */
  async window(browser: Browser, address = this.#address): Promise<Page> {
    const page = await browser.newPage();
    // The loader of TypeScript marks the names of functions with a helper of its own.
    await page.evaluateOnNewDocument("globalThis.__name = (f) => f");
    await page.goto(`http://${address}/`);
    return page;
  }
}

/** Runs `act` with a browser and a hub that remembers in a folder. */
export async function scenario(act: (browser: Browser, hub: Hub) => Promise<void>): Promise<void> {
  const files = folder();
  await withHubs(files, [new Hub(files, ["--state", join(files, "state")])], (browser, [hub]) => act(browser, hub!));
}

/** Runs `act` with a browser and two hubs on one NATS server. */
export async function twins(act: (browser: Browser, one: Hub, two: Hub) => Promise<void>): Promise<void> {
  const files = folder();
  const [server, url] = await startNats(join(files, "state"));
  const hubs = [1, 2].map(() => new Hub(files, ["--nats", url]));
  try {
    await withHubs(files, hubs, (browser, [one, two]) => act(browser, one!, two!));
  } finally {
    await killed(server);
  }
}

/** Runs `act` with a browser and these hubs, which end with it. */
export async function withHubs(files: string, hubs: Hub[], act: (browser: Browser, hubs: Hub[]) => Promise<void>): Promise<void> {
  for (const hub of hubs) await hub.start();
  const browser = await open();
  try {
    await act(browser, hubs);
  } finally {
    await browser.close();
    for (const hub of hubs) await hub.kill();
    rmSync(files, { recursive: true });
  }
}

async function startNats(folder: string): Promise<[ChildProcess, string]> {
  const port = await freePort();
  const server = spawn(nats!, ["-js", "-a", "127.0.0.1", "-p", `${port}`, "-sd", folder], { stdio: "ignore" });
  await eventually("the server takes connections", () => isTaken(port), true);
  return [server, `127.0.0.1:${port}`];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Whether somebody takes connections at `port`. */
function isTaken(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((done) => {
    socket.on("connect", () => (socket.destroy(), done(true))).on("error", () => done(false));
  });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A silent song of so many seconds: 8 bits, 100 Hz. */
function song(seconds: number): Buffer {
  const head = Buffer.alloc(44);
  const data = Buffer.alloc(100 * seconds, 0x80);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  for (const [at, value] of [[20, 1], [22, 1], [32, 1], [34, 8]] as const) head.writeUInt16LE(value, at);
  for (const at of [24, 28]) head.writeUInt32LE(100, at);
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

export const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (found) => found.textContent ?? "");

export const shows = (page: Page, selector: string, expected: string): Promise<void> =>
  eventually(`${selector} shows it`, () => text(page, selector), expected);

export const click = (page: Page, label: string): Promise<void> => page.locator(`::-p-aria(${label})`).click();

/** How many files the library shows. */
export const rows = (page: Page): Promise<number> => page.$$eval("#files li", (found) => found.length);

/** Whether the page says that its hub is gone. */
export const isCut = (page: Page): Promise<boolean> => page.$eval("#link", (link) => !(link as HTMLElement).hidden);

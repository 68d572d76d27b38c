/** The page of the media hub, `examples/media_hub`, as a person uses it. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Browser, Page } from "puppeteer-core";
import { chromium, complaints, eventually, open } from "./chromium.ts";

/** The hub, which `cargo build --example media_hub` builds. */
const program = process.env["SPRAG_HUB"];
const options = { skip: !chromium ? "no Chromium" : !program ? "no SPRAG_HUB" : false, timeout: 100_000 };

/** A hub with a folder of media and a memory. */
class Hub {
  readonly #folder = mkdtempSync(join(tmpdir(), "sprag-hub-"));
  #address = "127.0.0.1:0";
  #child: ChildProcess | undefined;

  constructor() {
    for (const name of ["media", "state"]) mkdirSync(join(this.#folder, name));
    for (const name of ["harbour.jpg", "Sigur_Rós.wav", "two.wav"]) {
      writeFileSync(join(this.#folder, "media", name), name.endsWith("wav") ? song(200) : "picture");
    }
  }

  async start(): Promise<void> {
    const [media, state] = ["media", "state"].map((name) => join(this.#folder, name)) as [string, string];
    const env = { ...process.env, RUST_LOG: "warn" };
    this.#child = spawn(program!, [media, "--serve", this.#address, "--state", state], { stdio: ["ignore", "pipe", "inherit"], env });
    for await (const line of createInterface(this.#child.stdout!)) {
      const [, address] = /the page is at http:\/\/(.*)/.exec(line) ?? [];
      if (address === undefined) continue;
      this.#address = address;
      return;
    }
  }

  async kill(): Promise<void> {
    const ended = once(this.#child!, "exit");
    this.#child!.kill("SIGKILL");
    await ended;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }

  async window(browser: Browser): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`http://${this.#address}/`);
    return page;
  }
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

async function scenario(act: (browser: Browser, hub: Hub) => Promise<void>): Promise<void> {
  const hub = new Hub();
  await hub.start();
  const browser = await open();
  try {
    await act(browser, hub);
  } finally {
    await browser.close();
    await hub.close();
  }
}

const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (found) => found.textContent ?? "");
const shows = (page: Page, selector: string, expected: string): Promise<void> =>
  eventually(`${selector} shows it`, () => text(page, selector), expected);
const click = (page: Page, label: string): Promise<void> => page.locator(`::-p-aria(${label})`).click();
const rows = (page: Page): Promise<number> => page.$$eval("#files li", (found) => found.length);

test("W3: the page comes with the library, and a search finds a name without its accents", options, () =>
  scenario(async (browser, hub) => {
    const first = await hub.window(browser);
    // The first scan may still run.
    await eventually("the library is there", () => rows(first), 3);
    const page = await browser.newPage();
    const complaining = complaints(page);
    await page.goto(first.url());
    assert.equal(await rows(page), 3);
    await page.keyboard.press("/");
    await page.keyboard.type("sigur ros");
    assert.equal(await rows(page), 1);
    assert.equal(await text(page, "#found"), "1 of 3 files");
    assert.deepEqual(complaining, []);
  }));

test("W2, W4: two windows are in step, with the keys alone too", options, () =>
  scenario(async (browser, hub) => {
    const [one, two] = [await hub.window(browser), await hub.window(browser)];
    await click(one, "Play Sigur Rós[role=\"button\"]");
    await shows(two, "#title", "Sigur Rós");
    await shows(two, "#length", "3:20");
    await two.bringToFront();
    await two.focus("#seek");
    await two.keyboard.press("End");
    await shows(one, "#position", "3:20");
    await two.evaluate(() => (document.activeElement as HTMLElement).blur());
    await two.keyboard.press("Space");
    await eventually("the other window shows the pause", () => one.title(), "❚❚ Sigur Rós – Media hub");
  }));

test("W7: a hub that is gone is said to be gone, and comes back with what was playing", options, () =>
  scenario(async (browser, hub) => {
    const page = await hub.window(browser);
    await click(page, "Play two[role=\"button\"]");
    await shows(page, "#length", "3:20");
    await eventually("nothing is wrong", () => page.$eval("#link", (link) => (link as HTMLElement).hidden), true);
    await hub.kill();
    await eventually("it says so", () => page.$eval("#link", (link) => (link as HTMLElement).hidden), false);
    await hub.start();
    await eventually("it is back", () => page.$eval("#link", (link) => (link as HTMLElement).hidden), true);
    await shows(page, "#title", "two");
  }));

test("W4: a write that the hub refuses is told with its reason", options, () =>
  scenario(async (browser, hub) => {
    const page = await hub.window(browser);
    await eventually("the library is there", () => rows(page), 3);
    await page.$eval("#files .round", (add) => {
      for (let times = 0; times < 101; times++) (add as HTMLElement).click();
    });
    await eventually("it is told", async () => (await text(page, "#told")).includes("The queue has room for 100 files."), true);
    assert.equal(await page.$$eval("#queue li", (found) => found.length), 100);
  }));

/** The pages of the examples `chat` and `dashboard`, as people use them. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import type { Browser, Page } from "puppeteer-core";
import { chromium, complaints, eventually, open } from "./chromium.ts";

/** The programs, which `cargo build --example chat --example dashboard` builds. */
const [chat, dashboard] = [process.env["SPRAG_CHAT"], process.env["SPRAG_DASHBOARD"]];
const optionsOf = (program: string | undefined) => ({
  skip: !chromium ? "no Chromium" : !program ? "the example is not built" : false,
  timeout: 100_000,
});

/** An example on a free port, and browsers that end with it. */
async function scenario(program: string, act: (url: string, browser: () => Promise<Browser>) => Promise<void>): Promise<void> {
  const port = await freePort();
  const child = spawn(program, [`127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "inherit"] });
  const browsers: Browser[] = [];
  try {
    await once(createInterface(child.stdout!), "line");
    const url = `http://127.0.0.1:${port}/`;
    await eventually("it answers", () => fetch(url).then(({ ok }) => ok, () => false), true);
    await act(url, async () => {
      const browser = await open();
      browsers.push(browser);
      return browser;
    });
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await killed(child);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map((element) => element.textContent ?? ""));

/** A page of the chat whose user has entered. */
async function enter(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.type("#name", name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForSelector(".say input");
  return page;
}

const say = async (page: Page, line: string): Promise<void> => {
  await page.type(".say input", line);
  await page.keyboard.press("Enter");
};

test("two people talk in a room, see who is there, and have their own rooms", optionsOf(chat), () =>
  scenario(chat!, async (url, browser) => {
    const ada = await enter(await browser(), url, "Ada");
    const complaining = complaints(ada);
    const bob = await enter(await browser(), url, "Bob");
    await eventually("both are there", () => texts(ada, ".present .unseen"), ["Ada", "Bob"]);
    await say(ada, "Is there tea?");
    await eventually("the line is there", () => texts(bob, ".line p"), ["Is there tea?"]);
    await bob.type(".say input", "Y");
    await eventually("Bob is writing", () => texts(ada, ".typing"), ["Bob is writing…"]);
    await say(bob, "es");
    await eventually("the answer is there", () => texts(ada, ".line p"), ["Is there tea?", "Yes"]);

    await ada.locator("nav li:first-child button").click();
    await eventually("Ada is gone", () => texts(bob, ".present .unseen"), ["Bob"]);
    await say(bob, "Where are you?");
    await eventually("a line is new", () => texts(ada, ".unread"), ["1 new"]);
    assert.deepEqual(complaining, []);
  }));

test("a page of a large table shows the rows that somebody scrolls to, and renames one", optionsOf(dashboard), () =>
  scenario(dashboard!, async (url, browser) => {
    const page = await (await browser()).newPage();
    const complaining = complaints(page);
    await page.goto(url);
    const names = () => page.$$eval("#rows input", (found) => found.map((field) => (field as HTMLInputElement).value));
    assert.equal((await names())[0], "Hall 1, pump 1");
    await page.$eval("#table", (table) => table.scrollTo(0, 5_000 * 40));
    await eventually("the rows are there", async () => (await names()).includes("Hall 11, pump 1"), true);
    assert.ok((await names()).length < 100);

    const field = '[aria-label="Name of device 05000"]';
    // At once: the page draws the device's own name again when another of its values changes.
    await page.$eval(field, (found) => {
      (found as HTMLInputElement).value = "The old pump";
      found.dispatchEvent(new Event("change"));
    });
    const other = await (await browser()).newPage();
    await other.goto(url);
    await other.$eval("#table", (table) => table.scrollTo(0, 5_000 * 40));
    await eventually("the other page shows it", () => other.$eval(field, (found) => (found as HTMLInputElement).value).catch(() => ""), "The old pump");
    assert.deepEqual(complaining, []);
  }));

/** The requests of the browser's shared worker, from now on. */
async function requestsOfWorker(browser: Browser): Promise<string[]> {
  const worker = await browser.waitForTarget((target) => target.url().endsWith("/worker.js"));
  const session = await worker.createCDPSession();
  const requests: string[] = [];
  session.on("Network.requestWillBeSent", ({ request }) => requests.push(request.method));
  await session.send("Network.enable");
  return requests;
}

test("W2: a table that is scrolled fast opens no stream, asks seldom, and ends with all rows", optionsOf(dashboard), () =>
  scenario(dashboard!, async (url, open) => {
    const browser = await open();
    const page = await browser.newPage();
    const complaining = complaints(page);
    await page.goto(url);
    // The first rows are in the page; once they change, the stream is open.
    await eventually("the rows change", () => page.$eval("#here", ({ textContent }) => Number(textContent) > 0), true);
    const requests = await requestsOfWorker(browser);
    const frames = await page.$eval("#table", async (table) => {
      let frames = 0;
      for (const end = performance.now() + 2_000; performance.now() < end; frames++) {
        table.scrollTop += 240;
        await new Promise(requestAnimationFrame);
      }
      return frames;
    });
    await eventually("no row is empty", () => page.$$eval("#rows .waiting", (rows) => rows.length), 0);
    const isThere = await page.$$eval("#rows input", (fields) => fields.every(({ ariaLabel, value }) => ariaLabel && value));
    assert.ok(isThere && frames > 10, `${frames} frames`);
    assert.deepEqual(new Set(requests), new Set(["POST"]));
    assert.ok(requests.length < 60, `${requests.length} requests`);
    assert.deepEqual(complaining, []);
  }));

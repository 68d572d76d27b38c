/** Two media hubs on one log, in real processes: a browser on either sees the same state. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { Json } from "../../src/json.ts";
import type { Store } from "../../src/store.ts";
import { proxy } from "../proxy.ts";
import { eventually } from "./chromium.ts";
import { click, isCut, rows, shows, twinOptions, twins } from "./hub.ts";

interface Tv {
  readonly playback: { readonly url: string | null; readonly position: number; readonly paused: boolean };
  readonly queue: readonly string[];
}

/** What the page shows, and of which version. */
const shown = (page: Page): Promise<[number, Json]> =>
  page.evaluate(async () => {
    const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/index.ts");
    const tv = store<Json>("tv");
    return [tv.version, tv.get()] as [number, Json];
  });

/** Adds a file to the queue, and answers once the page knows what became of that. */
const enqueue = (page: Page, url: string): Promise<string> =>
  page.evaluate(async (url) => {
    const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/index.ts");
    const tv = store<Tv>("tv") as Store<Tv, any>;
    return tv.push(tv.$.queue, url).then(() => "made", (error: { kind: string }) => error.kind);
  }, url);

/** Which server the page's store knows; what comes before the `-` is the history of the log. */
const epoch = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/index.ts");
    return store("tv").position().split(".")[0]!;
  });

async function inStep(...pages: [Page, Page]): Promise<void> {
  await eventually("both show one state of one version", async () => {
    const [one, two] = await Promise.all(pages.map(shown));
    return JSON.stringify(one) === JSON.stringify(two);
  }, true);
}

const queue = async (page: Page): Promise<readonly string[]> => ((await shown(page))[1] as unknown as Tv).queue;

test("L3a, W2: pages of two servers on one log show one state, and what either writes", twinOptions, () =>
  twins(async (browser, hubOne, hubTwo) => {
    const [one, two] = [await hubOne.window(browser), await hubTwo.window(browser)];
    await eventually("the library is there", () => rows(one), 3);
    await click(one, "Play Sigur Rós[role=\"button\"]");
    await shows(two, "#title", "Sigur Rós");
    await shows(two, "#length", "3:20");
    await two.bringToFront();
    await click(two, "Pause[role=\"button\"]");
    await eventually("the other page shows the pause", () => one.title(), "❚❚ Sigur Rós – Media hub");
    await inStep(one, two);
    // Writes that meet: the log has all of them, in one order.
    const sent = await Promise.all([enqueue(one, "a"), enqueue(two, "b"), enqueue(one, "c"), enqueue(two, "d")]);
    assert.deepEqual(sent, ["made", "made", "made", "made"]);
    await inStep(one, two);
    assert.deepEqual([...(await queue(one))].sort(), ["a", "b", "c", "d"]);
  }));

test("L5, W7: a server that is killed and started anew shows what the other wrote meanwhile", twinOptions, () =>
  twins(async (browser, hubOne, hubTwo) => {
    const [one, two] = [await hubOne.window(browser), await hubTwo.window(browser)];
    assert.equal(await enqueue(one, "before"), "made");
    await hubOne.kill();
    await eventually("the page says so", () => isCut(one), true);
    assert.equal(await enqueue(two, "meanwhile"), "made");
    // The page shows the write, and sends it once its server is back.
    const waiting = enqueue(one, "cut off");
    await eventually("the page shows its write", async () => (await queue(one)).at(-1), "cut off");
    await hubOne.start();
    await eventually("the page is back", () => isCut(one), false);
    const count = { made: 1, unknown: 0 }[await waiting];
    await inStep(one, two);
    const [kept, found] = [await queue(two), (await queue(two)).filter((url) => url === "cut off").length];
    assert.deepEqual(kept.slice(0, 2), ["before", "meanwhile"]);
    assert.equal(found, count, "the page was told what became of its write");
    assert.equal(await enqueue(one, "after"), "made");
    await eventually("the other page shows it", async () => (await queue(two)).at(-1), "after");
    assert.equal(await isCut(two), false);
  }));

test("W7, W4: a page whose server ends goes on with the other, and no write is made twice", twinOptions, () =>
  twins(async (browser, hubOne, hubTwo) => {
    const way = await proxy(hubOne.port);
    try {
      const page = await hubOne.window(browser, new URL(way.base).host);
      const other = await hubTwo.window(browser);
      assert.equal(await enqueue(page, "at the first"), "made");
      const first = await epoch(page);
      // The first server makes the write, and its answer is lost with the server.
      way.cutPost("after");
      const sent = enqueue(page, "in between");
      await eventually("the other page shows it", async () => (await queue(other)).at(-1), "in between");
      way.turn(hubTwo.port);
      await hubOne.kill();
      // By its commit the page may know that it was made.
      assert.ok(["made", "unknown"].includes(await sent));
      await eventually("the page knows the second server", async () => (await epoch(page)) === first, false);
      assert.equal((await epoch(page)).split("-")[0], first.split("-")[0]);
      assert.equal(await enqueue(page, "at the second"), "made");
      await inStep(page, other);
      assert.deepEqual(await queue(page), ["at the first", "in between", "at the second"]);
    } finally {
      way.close();
    }
  }));

/** The page of the media hub, `examples/media_hub`, as a person uses it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { complaints, eventually } from "./chromium.ts";
import { click, isCut, options, rows, scenario, shows, text } from "./hub.ts";

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
    await eventually("nothing is wrong", () => isCut(page), false);
    await hub.kill();
    await eventually("it says so", () => isCut(page), true);
    await hub.start();
    await eventually("it is back", () => isCut(page), false);
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

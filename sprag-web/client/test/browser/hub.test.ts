/** The page of the media hub, `examples/media_hub`, as a person uses it. */

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { complaints, eventually } from "./chromium.ts";
import { click, folder, Hub, isCut, options, rows, scenario, shows, text, withHubs } from "./hub.ts";

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

/** The controls, sliders, lists and meters of the page as a screen reader reads them. */
async function spoken(page: Page): Promise<{ role: string; name: string }[]> {
  const session = await page.createCDPSession();
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const read = nodes.map(({ role, name }) => ({ role: String(role?.value), name: String(name?.value ?? "") }));
  return read.filter(({ role }) => ["button", "slider", "searchbox", "radio", "meter", "region", "link", "list", "heading"].includes(role));
}

test("the page fits a telephone, also with long names, and each control has a name", options, async () => {
  const files = folder();
  for (const name of ["x".repeat(200), "A long name ".repeat(15), "فيروز - نسم علينا الهوى", "<b>bold & co"]) {
    copyFileSync(join(files, "media", "two.wav"), join(files, "media", `${name}.wav`));
  }
  await withHubs(files, [new Hub(files, [])], async (browser, [hub]) => {
    const page = await hub!.window(browser);
    await eventually("the library is there", () => rows(page), 7);
    await page.$$eval("#files .round", (all) => all.forEach((add) => (add as HTMLElement).click()));
    const queue = async () => ({ rows: (await page.$$("#queue li")).length, told: await text(page, "#told") });
    await eventually("the queue is there", queue, { rows: 7, told: "" });
    for (const width of [320, 360, 800, 1280]) {
      await page.setViewport({ width, height: 700 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} pixels`);
      const isCovered = await page.$$eval("#player button, #player input", (all) =>
        all.some((control) => control.getBoundingClientRect().right > innerWidth || !control.getBoundingClientRect().width));
      assert.ok(!isCovered, `a control of the player is out of sight at ${width} pixels`);
    }
    const found = await spoken(page);
    const nameless = found.filter(({ role, name }) => !name && role !== "list");
    assert.deepEqual(nameless, []);
    for (const [role, name] of [["list", "Library"], ["list", "Up next"], ["slider", "Position"], ["slider", "Volume"], ["searchbox", "Search the library"]]) {
      assert.ok(found.some((node) => node.role === role && node.name === name), `${role} ${name}`);
    }
  });
});

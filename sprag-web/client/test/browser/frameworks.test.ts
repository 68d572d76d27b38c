/** W3, W11 in a browser: the adapters in their frameworks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { blank, complaints, eventually, options, scenario, visit } from "./chromium.ts";

declare global {
  /** What the page of a framework leaves to its test. */
  var mount: () => void;
  var errors: string[];
}

const shown = (page: Page): Promise<string> =>
  page.$eval("main > div", (div) => [...div.children].map((child) => child.textContent).join());

for (const framework of ["react", "vue", "solid", "svelte"]) {
  test(`W3, W11: ${framework} renders the store, and what changes`, options, () =>
    scenario(async (browser, server) => {
      const writer = await visit(browser, server.url());
      const page = await blank(browser);
      const errors = complaints(page);
      await page.goto(server.url("/framework"));
      assert.equal(await shown(page), "Alien,20");
      await page.evaluate(() => tv.ready);
      // A frame between the page and its hydration must not make them differ.
      await writer.evaluate(() => tv.set(tv.$.volume, 55));
      await eventually("the frame is here", () => page.evaluate(() => tv.get().volume), 55);
      await page.evaluate(() => mount());
      await eventually("the page is current", () => shown(page), "Alien,55");
      await writer.evaluate(() => tv.push(tv.$.queue, "a", "b"));
      await eventually("the other tab's write is shown", () => shown(page), "Alien,55,A,B");
      const immediate = page.evaluate(async () => {
        const made = tv.set(tv.$.title, "Brazil");
        await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
        const shown = document.querySelector("h1")!.textContent;
        return [shown, (await made) > 0];
      });
      assert.deepEqual(await immediate, ["Brazil", true]);
      assert.deepEqual([await page.evaluate(() => globalThis.errors), errors], [[], []]);
    }, { entry: `frameworks/${framework}.ts` }));
}

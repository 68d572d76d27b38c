/** W2, W3, W4, W7 in a browser: a page as its user sees it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, options, scenario, visit } from "./chromium.ts";
import type { Page } from "puppeteer-core";

const text = (page: Page, selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? "");

test("W2, W4: a page without a script of its own shows the store, follows it and writes it", options, () =>
  scenario(async (browser, server) => {
    const page = await visit(browser, server.url());
    assert.equal(await text(page, "h1"), "Alien");
    await server.advance();
    await eventually("the position is shown", () => text(page, "b"), "1");
    await page.$eval("input[type=checkbox]", (box) => (box as HTMLInputElement).click());
    const other = await visit(browser, server.url());
    assert.equal(await other.$eval("input[type=checkbox]", (box) => (box as HTMLInputElement).checked), true);
  }));

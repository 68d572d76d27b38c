/** W2, W3, W4, W7 in a browser: a page as its user sees it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser, HTTPRequest, Page } from "puppeteer-core";
import { blank, complaints, eventually, isLive, type Lacking, options, position, scenario, type Server, status, type Tv, visit } from "./chromium.ts";
import { proxy } from "../proxy.ts";

const text = (page: Page, selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? "");

const volume = (page: Page): Promise<string> =>
  page.$eval("input[type=range]", (found) => (found as HTMLInputElement).value);

/** The user moves the slider. */
const slide = (page: Page, to: number): Promise<void> =>
  page.$eval("input[type=range]", (found, to) => {
    (found as HTMLInputElement).valueAsNumber = to;
    found.dispatchEvent(new Event("change", { bubbles: true }));
  }, to);

/** A page whose requests that `held` chooses wait; and the function that lets them go. */
async function hold(browser: Browser, held: (request: HTTPRequest) => boolean): Promise<[Page, () => void]> {
  const page = await blank(browser);
  let [open, waiting] = [false, [] as HTTPRequest[]];
  await page.setRequestInterception(true);
  page.on("request", (request) => void (held(request) && !open ? waiting.push(request) : request.continue()));
  return [page, () => ((open = true), waiting.forEach((request) => void request.continue()))];
}

async function twoTabs(browser: Browser, server: Server): Promise<[Page, Page]> {
  return [await visit(browser, server.url()), await visit(browser, server.url())];
}

test("W2, W4: a page without a script of its own shows the store, follows it and writes it", options, () =>
  scenario(async (browser, server) => {
    const [page, other] = await twoTabs(browser, server);
    assert.equal(await text(page, "h1"), "Alien");
    await server.advance();
    await eventually("the position is shown", () => text(page, "b"), "1");
    await slide(page, 30);
    await page.click("input[type=checkbox]");
    await eventually("two tabs are in step", () => volume(other), "30");
    const checked = (): Promise<boolean> =>
      other.$eval("input[type=checkbox]", (box) => (box as HTMLInputElement).checked);
    await eventually("a checkbox is in step", checked, true);
  }));

test("W3: the first frame that is painted has the state, before any stream", options, () =>
  scenario(async (browser, server) => {
    const [page, release] = await hold(browser, (request) => /client\.js/.test(request.url()));
    await page.evaluateOnNewDocument(() => {
      const painted: string[] = ((globalThis as any).painted = []);
      const look = (): void => {
        const title = document.querySelector("h1");
        if (title) painted.push(title.textContent!);
        if (painted.length < 20) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    const loaded = page.goto(server.url());
    await page.waitForRequest((request) => /client\.js/.test(request.url()));
    // Long enough for several frames, were the page painted before the client has run.
    await new Promise((done) => setTimeout(done, 300));
    release();
    await loaded;
    const painted = (): Promise<string[]> => page.evaluate(() => [...new Set((globalThis as any).painted)] as string[]);
    await eventually("frames are painted", () => page.evaluate(() => (globalThis as any).painted.length), 20);
    assert.deepEqual(await painted(), ["Alien"]);
  }));

test("W3: a state that looks like a script is text, under `script-src 'self'`", options, () =>
  scenario(async (browser, server) => {
    const evil = "</script><script>pwned = 1</script><!-- <img src=x onerror='pwned = 1'> \u2028";
    const writer = await visit(browser, server.url());
    await writer.evaluate((evil) => tv.set(tv.$.title, evil), evil);
    const page = await blank(browser);
    const errors = complaints(page);
    await page.goto(server.url());
    await isLive(page);
    const seen = await page.evaluate(() => [tv.get().title, document.querySelector("h1")!.textContent, typeof (globalThis as any).pwned]);
    assert.deepEqual([seen, errors], [[evil, evil, "undefined"], []]);
    // The policy is in force: a script in the page would have been refused.
    await page.evaluate(() => {
      const script = document.body.appendChild(document.createElement("script"));
      script.append("pwned = 1");
    });
    assert.equal(await page.evaluate(() => typeof (globalThis as any).pwned), "undefined");
  }));

for (const missing of [/worker\.js/, /\/live/]) {
  test(`W7: a hydrated page whose first connection fails (${missing}) is stale and recovers`, options, () =>
    scenario(async (browser, server) => {
      const page = await blank(browser, ["SharedWorker", "locks"]);
      let isCut = true;
      await page.setRequestInterception(true);
      page.on("request", (request) => void (isCut && missing.test(request.url()) ? request.abort() : request.continue()));
      await page.goto(server.url());
      await page.evaluate(async () => {
        const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/index.ts");
        globalThis.tv = store<Tv, any>("tv");
      });
      await status(page, "stale");
      assert.equal(await text(page, "h1"), "Alien");
      isCut = false;
      await status(page, "live");
      await server.advance();
      await eventually("the page follows", () => position(page), 1);
    }));
}

test("W4: a write is shown before the server has it, and resolves with its version", options, () =>
  scenario(async (browser, server) => {
    const other = await visit(browser, server.url());
    const [page, release] = await hold(browser, (request) => request.method() === "POST");
    await page.goto(server.url());
    await isLive(page);
    const made = page.evaluate(() => tv.set(tv.$.volume, 30));
    await eventually("the writer sees the write", () => volume(page), "30");
    assert.deepEqual([await page.evaluate(() => tv.unconfirmed), await volume(other)], [1, "20"]);
    release();
    assert.equal(await made, 1);
    await eventually("the other tab sees the write", () => volume(other), "30");
    assert.equal(await page.evaluate(() => tv.unconfirmed), 0);
  }));

test("W4: a refused write is taken back, and the user is told why", options, () =>
  scenario(async (browser, server) => {
    const page = await visit(browser, server.url());
    const refusal = await page.evaluate(async () => {
      const shown: number[] = [];
      tv.subscribe((state) => state.volume, (volume) => shown.push(volume));
      const why = await tv.set(tv.$.volume, 150).catch(String);
      return [why, shown];
    });
    assert.deepEqual(refusal, ["Refused: invalid: the volume is at most 100", [150, 20]]);
    const readonly = await page.evaluate(() => tv.set(tv.$.position, 7).catch(String));
    assert.match(String(readonly), /^Refused: readonly/);
    await slide(page, 150);
    const told = (): Promise<string> =>
      page.$eval("input[type=range]", (found) => (found as HTMLInputElement).validationMessage);
    await eventually("the control says why", told, "invalid: the volume is at most 100");
    assert.equal(await volume(page), "20");
    await slide(page, 40);
    await eventually("a write that is made says nothing", told, "");
  }));

test("W11: the console names an element whose place has no value, or whose store is not there", options, () =>
  scenario(async (browser, server) => {
    const page = await visit(browser, server.url());
    const warnings: string[] = [];
    page.on("console", (message) => void (message.type() === "warn" && warnings.push(message.text())));
    await page.evaluate(async () => {
      const { bind } = (await import("/sprag/client.js" as string)) as typeof import("../../src/page.ts");
      const region = document.body.appendChild(document.createElement("section"));
      region.innerHTML = "<p data-sprag=tv:titel></p><p data-sprag=vt:title></p><p data-sprag=tv:title></p>";
      bind(region);
    });
    await eventually("both are named", () => warnings.toSorted().map((text) => text.replace(/ \[?(node|JSHandle).*$/, "")), [
      "denied: there is no such store",
      "no value at the place of",
    ]);
  }));

for (const lacking of [[], ["SharedWorker"], ["SharedWorker", "locks"]] as Lacking[][]) {
  test(`W2, W7: stores without a state in the page get theirs by the stream, without ${lacking}`, options, () =>
    scenario(async (browser, server) => {
      const page = await blank(browser, lacking);
      await page.goto(server.url("/counts"));
      const ready = (name: string): Promise<string> =>
        page.evaluate(async (name) => {
          const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/page.ts");
          return store(name).ready.then(() => JSON.stringify(store(name).get()), String);
        }, name);
      const missing = "Refused: denied: there is no such store";
      assert.equal(await ready("alone"), missing);
      assert.equal((JSON.parse(await ready("tv")) as Tv).title, "Alien");
      assert.equal(await ready("beside"), missing);
      await eventually("the stores share a stream", async () => (await server.counts()).streams, 1);
      const part = await page.evaluate(async () => {
        const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/page.ts");
        const tv = store<Tv, any>("tv").at("volume");
        await tv.ready;
        return tv.get();
      });
      assert.deepEqual(part, { volume: 20 });
      const again = await page.evaluate(async () => {
        const { store } = (await import("/sprag/client.js" as string)) as typeof import("../../src/page.ts");
        const closed = store("tv");
        closed.close();
        const tv = store<Tv, any>("tv");
        await tv.set(tv.$.volume, 30);
        return [tv === closed, tv.get().volume, tv.status];
      });
      assert.deepEqual(again, [false, 30, "live"], "a store that was closed does not come back");
    }));
}

test("W7: a browser without a network is offline, and back it has missed nothing", options, () =>
  scenario(async (browser, server) => {
    const network = await proxy(server.port);
    const page = await visit(browser, new URL("/", network.base).href);
    let made!: Promise<number>;
    await withoutNetwork(browser, page, async () => {
      network.cutStreams();
      await server.advance();
      await status(page, "offline");
      made = page.evaluate(() => tv.set(tv.$.volume, 33));
      await eventually("a write without a network is shown", () => volume(page), "33");
      assert.equal(await position(page), 0);
    });
    await status(page, "live");
    await eventually("what was missed arrives", () => position(page), 1);
    assert.equal(await made, 2);
    network.close();
  }));

/** Takes the network from a page and from the worker of its stream, and gives it back at the end of `act`. */
async function withoutNetwork(browser: Browser, page: Page, act: () => Promise<void>): Promise<void> {
  const worker = await browser.waitForTarget((target) => target.type() === "shared_worker");
  const session = await worker.createCDPSession();
  const offline = async (offline: boolean): Promise<void> => {
    await page.setOfflineMode(offline);
    await session.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  };
  await session.send("Network.enable");
  await offline(true);
  await act();
  await offline(false);
}

test("W7: an `EventSource` gets the state and the commits, and goes on where it was", options, () =>
  scenario(async (browser, server) => {
    const page = await visit(browser, server.url());
    await page.evaluate(() => {
      const events = new EventSource("/sprag/live?stores=tv");
      const seen: string[] = (globalThis as any).seen = [];
      for (const kind of ["snap", "change"]) events.addEventListener(kind, ({ lastEventId }) => seen.push(`${kind} ${lastEventId.split(".").at(-1)}`));
    });
    const seen = (): Promise<string[]> => page.evaluate(() => (globalThis as any).seen);
    await eventually("the state is there", seen, ["snap "]);
    await server.advance();
    await eventually("the commit is there", seen, ["snap ", "change 1"]);
    await page.setOfflineMode(true);
    await page.setOfflineMode(false);
    await server.advance();
    await eventually("the next commit is there, once", seen, ["snap ", "change 1", "change 2"]);
  }));

test("W7: a server that is started anew is one snapshot for each tab", options, () =>
  scenario(async (browser, server) => {
    const tabs = await twoTabs(browser, server);
    for (const tab of tabs) {
      await tab.evaluate(() => {
        const frames: string[] = ((globalThis as any).frames_ = []);
        const take = tv.take.bind(tv);
        tv.take = (frame) => (frames.push(frame[0]), take(frame));
      });
    }
    await server.advance();
    for (const tab of tabs) await eventually("the tabs follow", () => position(tab), 1);
    await server.kill();
    for (const tab of tabs) await status(tab, "stale");
    const write = tabs[0].evaluate(() => tv.set(tv.$.volume, 44).catch(String));
    await server.start();
    for (const tab of tabs) await eventually("the new server's state is shown", () => position(tab), 0);
    for (const tab of tabs) await status(tab, "live");
    assert.equal(await write, "Refused: unknown: the server restarted");
    await server.advance();
    for (const tab of tabs) {
      await eventually("the tabs follow again", () => position(tab), 1);
      const snaps = await tab.evaluate(() => (globalThis as any).frames_.filter((kind: string) => kind === "snap").length);
      assert.equal(snaps, 1);
    }
  }));

/** W10: one stream for each browser, whatever happens to its tabs. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Browser, CDPSession, Page, Target } from "puppeteer-core";
import { eventually, type Lacking, options, position, scenario, type Server, visit } from "./chromium.ts";

/** Tabs of one browser, and the server that they follow. */
class Tabs {
  /** How often the server has written. */
  #written = 0;

  private constructor(
    readonly browser: Browser,
    readonly server: Server,
    readonly open: Page[],
  ) {}

  /** Opens tabs, all but the first at once. */
  static async open(browser: Browser, server: Server, count: number, host = "127.0.0.1", lacking: Lacking[] = []): Promise<Tabs> {
    const one = (): Promise<Page> => visit(browser, server.url("/", host), lacking);
    const tabs = new Tabs(browser, server, [await one()]);
    tabs.open.push(...(await Promise.all(Array.from({ length: count - 1 }, one))));
    return tabs;
  }

  /** The server writes, and every tab shows what it wrote; within `most` ms. */
  async follow(what: string, most?: number): Promise<void> {
    await this.server.advance();
    const expected = ++this.#written;
    await Promise.all(this.open.map((tab, at) => eventually(`${what}: tab ${at}`, () => position(tab), expected, most)));
  }

  async streams(count: number): Promise<void> {
    await eventually("the streams", async () => (await this.server.counts()).streams, count);
  }

  /** Takes a tab out. */
  take(at = 0): Page {
    return this.open.splice(at, 1)[0]!;
  }

  async crash(): Promise<void> {
    const page = this.take();
    const session = await page.createCDPSession();
    const crashed = new Promise((done) => page.once("error", done));
    session.send("Page.crash").catch(() => {});
    await crashed;
  }

  /** Freezes a tab while `act` runs; afterwards the tab has all that it missed. */
  async frozen(act: () => Promise<void>): Promise<void> {
    const page = this.take();
    const session = await page.createCDPSession();
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await act();
    await session.send("Page.setWebLifecycleState", { state: "active" });
    this.open.push(page);
    await this.follow("a tab is thawed");
  }

  /** Stops a tab in the debugger while `act` runs; afterwards the tab has all that it missed. */
  async stopped(act: () => Promise<void>): Promise<void> {
    const page = this.take();
    const session = await page.createCDPSession();
    await session.send("Debugger.enable");
    const stopped = new Promise((done) => session.once("Debugger.paused", done));
    await session.send("Debugger.pause");
    await act();
    // The next message stopped it.
    await stopped;
    await session.send("Debugger.resume");
    await session.send("Debugger.disable");
    this.open.push(page);
    await this.follow("a tab goes on");
  }

  async worker(): Promise<Target> {
    return this.browser.waitForTarget((target) => target.type() === "shared_worker");
  }

  async session(): Promise<CDPSession> {
    return this.browser.target().createCDPSession();
  }
}

/** A test of tabs in browsers of one kind. */
const tabs = (what: string, count: number, host: string, lacking: Lacking[], act: (tabs: Tabs) => Promise<void>): void =>
  void test(`W10: ${what}`, options, () =>
    scenario(async (browser, server) => act(await Tabs.open(browser, server, count, host, lacking))));

// Four wait for beats, most of their time.
describe("W10", { concurrency: 4 }, () => {
  tabs("a holder of the lock that is frozen loses it", 4, "127.0.0.1", ["SharedWorker"], async (tabs) => {
    await tabs.frozen(() => tabs.follow("the holder is frozen", 80_000));
    await tabs.streams(1);
  });

  tabs("a holder of the lock that is stopped in a debugger loses it", 4, "127.0.0.1", ["SharedWorker"], async (tabs) => {
    await tabs.stopped(() => tabs.follow("the holder is stopped", 80_000));
    await tabs.streams(1);
  });

  tabs("tabs of a plain http name, without locks, share a stream", 8, "tv.lan", [], async (tabs) => {
    assert.deepEqual(await tabs.open[0]!.evaluate(() => [isSecureContext, typeof navigator.locks]), [false, "undefined"]);
    await tabs.follow("all are live");
    await tabs.streams(1);
    await tabs.crash();
    // The first tab's process is also that of the worker, whose end the beats alone show here.
    await tabs.follow("a tab has crashed, and the worker with it", 80_000);
  });

  tabs("a worker that hangs is left", 4, "127.0.0.1", [], async (tabs) => {
    const session = await (await tabs.worker()).createCDPSession();
    await session.send("Debugger.enable");
    await session.send("Debugger.pause");
    await tabs.follow("the worker hangs", 80_000);
  });

  tabs("twenty tabs are live over one stream", 20, "127.0.0.1", [], async (tabs) => {
    await tabs.follow("all are live");
    await tabs.streams(1);
    for (const tab of tabs.open.slice(0, 8)) await tab.evaluate(() => tv.update(tv.$.volume, (volume: number) => volume + 1));
    await eventually("each update counts", () => tabs.open.at(-1)!.evaluate(() => tv.get().volume), 28);
    await tabs.take().close();
    await tabs.follow("a tab is closed");
    await tabs.frozen(() => tabs.follow("a tab is frozen"));
    await tabs.stopped(() => tabs.follow("a tab is stopped in a debugger"));
    await tabs.crash();
    await tabs.follow("a tab has crashed");
    await tabs.streams(1);
  });

  tabs("a worker that is killed is replaced", 20, "127.0.0.1", [], async (tabs) => {
    const session = await tabs.session();
    const worker = (await session.send("Target.getTargets")).targetInfos.find(({ type }) => type === "shared_worker")!;
    await session.send("Target.closeTarget", { targetId: worker.targetId });
    // Its lock is free at once, long before a beat is missed.
    await tabs.follow("the worker is killed");
    await tabs.streams(1);
  });

  tabs("without a worker the tab that has the lock holds the stream, until it ends", 8, "127.0.0.1", ["SharedWorker"], async (tabs) => {
    await tabs.follow("all are live");
    await tabs.streams(1);
    await tabs.take().close();
    await tabs.follow("the holder is closed");
    await tabs.crash();
    await tabs.follow("the next holder has crashed");
    await tabs.streams(1);
  });

  tabs("without a worker and locks each tab has a stream", 3, "tv.lan", ["SharedWorker", "locks"], async (tabs) => {
    await tabs.follow("all are live");
    await tabs.streams(3);
    await tabs.take().close();
    await tabs.follow("a tab is closed");
    await tabs.streams(2);
  });
});

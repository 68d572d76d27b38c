/** W8 in a browser: what pages of other sites can do. */

import assert from "node:assert/strict";
import { createServer, type Server as Site } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { blank, options, scenario, type Server, visit } from "./chromium.ts";

/** A site on another port: another origin of the same site, as browsers see it. */
async function foreign(): Promise<[Site, string]> {
  const site = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  site.unref();
  return [site, `http://127.0.0.1:${(site.address() as AddressInfo).port}/`];
}

async function state(server: Server): Promise<string> {
  const page = await (await fetch(server.url())).text();
  return /data-sprag-state>(.*?)<\/script>/.exec(page)![1]!;
}

test("W8: a page of another origin writes nothing and reads nothing", options, () =>
  scenario(async (browser, server) => {
    const before = await state(server);
    const epoch = (JSON.parse(before) as { e: string }[])[0]!.e;
    const [site, url] = await foreign();
    const page = await blank(browser);
    await page.goto(url);
    const batch = JSON.stringify({ e: epoch, t: "evil", m: [{ n: 1, ops: [["=", ["title"], "pwned"]] }] });
    const seen = await page.evaluate(async (target, live, batch) => {
      const post = (type: string, mode: RequestMode): Promise<string> =>
        fetch(target, { method: "POST", mode, headers: { "content-type": type }, body: batch, credentials: "include" })
          .then((answer) => `${answer.type} ${answer.status}`, () => "refused");
      const read = (mode: RequestMode): Promise<string> =>
        fetch(live, { mode, credentials: "include" }).then((answer) => `${answer.type} ${answer.status}`, () => "refused");
      navigator.sendBeacon(target, new Blob([batch], { type: "text/plain" }));
      const form = document.body.appendChild(document.createElement("form"));
      Object.assign(form, { action: target, method: "post", enctype: "text/plain", target: "frame" });
      const field = form.appendChild(document.createElement("input"));
      // `{"e":…,"x":"=…"}` is JSON as a form writes it.
      Object.assign(field, { name: `${batch.slice(0, -1)},"x":"`, value: '"}' });
      document.body.appendChild(document.createElement("iframe")).name = "frame";
      form.submit();
      const events = new EventSource(live);
      const source = new Promise((done) => ((events.onmessage = done), (events.onerror = () => done("refused"))));
      return [await post("application/json", "cors"), await post("text/plain", "no-cors"), await read("cors"), await source];
    }, server.url("/sprag/store/tv"), server.url("/sprag/live?s=tv"), batch);
    assert.deepEqual(seen, ["refused", "opaque 0", "refused", "refused"]);
    site.close();
    site.closeAllConnections();
    assert.equal(await state(server), before);
    const { refused } = await server.counts();
    assert.ok(refused["type"]! >= 1 && refused["origin"]! >= 1, JSON.stringify(refused));
  }));

test("W8: a foreign name that leads here (DNS rebinding) gets no state, and writes nothing", options, () =>
  scenario(async (browser, server) => {
    const before = await state(server);
    const epoch = (JSON.parse(before) as { e: string }[])[0]!.e;
    const page = await blank(browser);
    await page.goto(server.url("/", "evil.test"));
    const batch = JSON.stringify({ e: epoch, t: "evil", m: [{ n: 1, ops: [["=", ["title"], "pwned"]] }] });
    const seen = await page.evaluate(async (body) => {
      const headers = { "content-type": "application/json" };
      const [post, live] = [await fetch("/sprag/store/tv", { method: "POST", headers, body }), await fetch("/sprag/live?s=tv")];
      return [post.status, live.status, document.documentElement.outerHTML.includes("Alien")];
    }, batch);
    assert.deepEqual(seen, [403, 403, false]);
    assert.equal(await state(server), before);
    // A name of the local network that the server lists comes in.
    assert.equal(await (await visit(browser, server.url("/", "tv.lan"))).evaluate(() => tv.get().title), "Alien");
  }));

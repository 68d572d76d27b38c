/** The reference server on a real port, with a network that can be cut anywhere. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Commit } from "../src/replica.ts";
import { Server } from "./server.ts";

export interface Cuts {
  /** Cut the stream in the middle of its next frame. */
  frame?: boolean;
  /** Cut the next `POST`: before it arrives, or before its answer does. */
  post?: "before" | "after";
  /** The status of the next requests, instead of an answer. */
  status?: number[];
}

export async function serve(store: Server, cuts: Cuts = {}) {
  const streams = new Set<ServerResponse>();
  const requests: string[] = [];

  const frame = (event: string, data: object): string =>
    `event: ${event}\ndata: ${JSON.stringify({ s: "tv", ...data })}\n\n`;

  const send = (stream: ServerResponse, text: string): void => {
    if (!cuts.frame) return void stream.write(text);
    delete cuts.frame;
    stream.write(text.slice(0, text.length / 2), () => stream.destroy());
  };

  const live = (url: URL, response: ServerResponse): void => {
    const [, position] = url.searchParams.get("s")!.split("@");
    const [e, v] = position?.split(".") ?? [];
    const writer = url.searchParams.get("t")!;
    const tag = writer.split("@")[0];
    const { acks, snap, commits } = store.resume(writer, e === undefined ? undefined : { e, v: Number(v) });
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(": hello\n\n");
    send(response, frame("acks", { t: tag, r: acks }));
    if (snap) send(response, frame("snap", snap));
    for (const commit of commits) send(response, frame("change", commit));
    streams.add(response);
    response.on("close", () => streams.delete(response));
  };

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const cut = cuts.post;
    delete cuts.post;
    if (cut === "before") return void request.socket.destroy();
    const before = store.version;
    const answer = store.post(JSON.parse(body));
    for (const commit of store.commits.filter(({ to }) => to > before)) broadcast(commit);
    if (cut === "after") return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  };

  const broadcast = (commit: Commit): void => {
    for (const stream of streams) send(stream, frame("change", commit));
  };

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const status = cuts.status?.shift();
    if (status) return void response.writeHead(status).end();
    if (request.method === "POST") void post(request, response);
    else live(new URL(request.url!, "http://localhost"), response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    write(ops: Commit["ops"]): void {
      store.write({ ops });
      broadcast(store.commits.at(-1)!);
    },
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A network between clients and a server that can be cut anywhere. */

import { createServer, connect, type AddressInfo, type Socket } from "node:net";

export type Cut = "before" | "after";

export interface Proxy {
  readonly base: string;
  /** How often something was cut. */
  cuts: number;
  /** Cuts every stream inside of the next frame that comes. */
  cutStreams(): void;
  /** Cuts the next `POST`: before the server has it, or before its answer is back. */
  cutPost(when: Cut): void;
  /** Cuts all, and leads to the server at another port from now on. */
  turn(port: number): void;
  /** Nothing is cut any more. */
  heal(): void;
  close(): void;
}

/** A proxy for the server at a port of this machine. */
export async function proxy(first: number): Promise<Proxy> {
  let port = first;
  const sockets = new Set<Socket>();
  let streams: Set<Socket> = new Set();
  let [frame, post] = [false, undefined as Cut | undefined];

  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let answer = false;
    const end = (): void => {
      for (const socket of [client, upstream]) (socket.destroy(), sockets.delete(socket), streams.delete(socket));
    };
    const cut = (): void => (made.cuts++, end());
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.on("error", end).on("close", end);
    }
    client.on("data", (data: Buffer) => {
      const text = data.toString("latin1");
      if (/^GET \S*\/live/.test(text)) streams.add(client);
      if (text.startsWith("POST ") && post) {
        const when = post;
        post = undefined;
        if (when === "before") return cut();
        answer = true;
      }
      upstream.write(data);
    });
    upstream.on("data", (data: Buffer) => {
      if (answer) return cut();
      if (!frame || !streams.has(client)) return void client.write(data);
      frame = false;
      client.write(data.subarray(0, data.length / 2), cut);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const made: Proxy = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sprag`,
    cuts: 0,
    cutStreams: () => void (frame = true),
    cutPost: (when) => void (post = when),
    turn(other: number): void {
      port = other;
      for (const socket of [...sockets]) socket.destroy();
    },
    heal: () => void ([frame, post] = [false, undefined]),
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
      streams = new Set();
    },
  };
  return made;
}

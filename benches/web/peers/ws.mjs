// A server of `ws`: each commit is one message to each client.

import { WebSocketServer } from "ws";
import { commits } from "./commits.mjs";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => socket.send("a plain broadcast"));
server.on("listening", () => {
  console.log(server.address().port);
  commits((commit) => {
    const text = JSON.stringify(commit);
    for (const socket of server.clients) socket.send(text);
  });
});

// A server of `socket.io`: each commit is one event for everybody.

import { createServer } from "node:http";
import { Server } from "socket.io";
import { commits } from "./commits.mjs";

const http = createServer();
const server = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
http.listen(0, "127.0.0.1", () => {
  console.log(http.address().port);
  commits((commit) => server.emit("change", commit));
});

/**
 * `/sprag/worker.js`, the network: a page imports its connection to the stream and its writers,
 * and a `SharedWorker` runs the same file as the holder of the stream.
 */
export { TabLink } from "./tabs.ts";

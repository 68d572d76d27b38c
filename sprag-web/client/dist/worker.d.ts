/**
 * `/sprag/worker.js`: the stream of a browser's tabs. A page imports its way to the
 * stream, and a `SharedWorker` runs the same file as the stream's holder.
 */
export { TabLink } from "./tabs.ts";

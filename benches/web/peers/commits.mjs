// The commits of the benchmark: what a store sends, RATE times a second, after an idle time.

const [rate, idle] = process.argv.slice(2).map(Number);

/** Nanoseconds since 1970. */
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1e6);

/** Calls `send` with each commit. */
export function commits(send) {
  const start = performance.now() + idle;
  let from = 0;
  const tick = () => {
    // A late timer makes up for what it missed.
    for (; performance.now() >= start + (from * 1000) / rate; from++) {
      send({ s: "clock", from, to: from + 1, ops: [["=", ["at"], now()]] });
    }
    setTimeout(tick, start + (from * 1000) / rate - performance.now());
  };
  setTimeout(tick, idle);
}

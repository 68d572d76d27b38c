/** A seeded generator (mulberry32): a number below `bound` at each call. */
export type Random = (bound: number) => number;

export function random(seed: number): Random {
  let state = seed + 0x6d2b79f5;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

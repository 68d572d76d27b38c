/** How long to wait before the next try. */

/** 0.1 s, doubling to 10 s, any part of it, so that clients do not return together. */
export const backoff = (failures: number): number => Math.random() * Math.min(10_000, 100 * 2 ** failures);

export const pause = (time: number): Promise<unknown> => new Promise((done) => setTimeout(done, time));

/** How long to wait before the next try. */

/**
 * 0.1 s, doubled each time up to 10 s, of which a random part is taken, so that clients do not
 * reconnect together.
 */
export const backoff = (failures: number): number => Math.random() * Math.min(10_000, 100 * 2 ** failures);

export const pause = (time: number): Promise<unknown> => new Promise((done) => setTimeout(done, time));

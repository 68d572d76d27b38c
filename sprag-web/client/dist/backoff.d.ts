/** How long to wait before the next try. */
/**
 * 0.1 s, doubled each time up to 10 s, of which a random part is taken, so that clients do not
 * reconnect together.
 */
export declare const backoff: (failures: number) => number;
export declare const pause: (time: number) => Promise<unknown>;

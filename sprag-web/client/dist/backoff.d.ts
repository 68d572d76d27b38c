/** How long to wait before the next try. */
/** 0.1 s, doubling to 10 s, any part of it, so that clients do not return together. */
export declare const backoff: (failures: number) => number;
export declare const pause: (time: number) => Promise<unknown>;

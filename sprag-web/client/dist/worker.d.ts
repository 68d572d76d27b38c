/** The worker that holds the one stream of a browser's tabs. */
export {};

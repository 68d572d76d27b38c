/** The holder of the one stream of a browser's tabs. */
import { type Port } from "./channel.ts";
/** The stores of the tabs, on one stream. */
export declare class Hub {
    #private;
    constructor(base: string);
    /** Serves the tabs at the other end of `port`; returns the function that stops serving them. */
    connect(port: Port): () => void;
}

/** The `POST`s of writes. */
import type { Replica } from "./replica.ts";
import type { Frame, Member } from "./stream.ts";
/** The writers of a page's stores. */
export declare class Writers {
    #private;
    send(url: string, replica: Replica): void;
    /**
     * Passes a frame to a store. After a frame that took the page long, the page rests for the same
     * time, and then receives the commits of that time as one.
     */
    protected deliver(member: Member, frame: Frame): void;
    /** Whether the store lags behind its frames. */
    protected isResting(member: Member): boolean;
}
/** Sends `body`; `undefined` if there is no response. */
export declare const post: (url: string, body: object) => Promise<Response | undefined>;

/** The `POST`s of writes. */
import type { Replica } from "./replica.ts";
import type { Frame, Member } from "./stream.ts";
/** The writers of a page's stores. */
export declare class Writers {
    #private;
    send(url: string, replica: Replica): void;
    /** Passes a frame to a store: the answers to its writes before, to what numbers them. */
    protected deliver(member: Member, frame: Frame): void;
}
/** Sends `body`; `undefined` if there is no response. */
export declare const post: (url: string, body: object) => Promise<Response | undefined>;

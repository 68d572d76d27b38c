/** The `POST`s of writes. */
import type { Replica } from "./replica.ts";
/** The writers of a page's stores. */
export declare class Writers {
    #private;
    send(url: string, replica: Replica): void;
}

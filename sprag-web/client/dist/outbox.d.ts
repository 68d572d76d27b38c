/**
 * The numbers of one store's writes: batches to send, and what their answers lead to.
 *
 * The outbox knows no network and no timer, as the replica whose writes these are. It comes
 * from the server with the network: a page shows its state without.
 */
import { type Answer, type Batch, type Replica } from "./replica.ts";
export declare class Outbox {
    #private;
    constructor(replica: Replica);
    /** The next batch to send; numbers what is in it. `undefined` where nothing can be sent. */
    batch(most?: number): Batch | undefined;
    /** Takes the server's answers to a batch. */
    answered(batch: Batch, answers: readonly Answer[]): void;
    /**
     * Answers that came by the stream: those that a cut `POST` never brought. `null` is
     * the word of a server that has forgotten this page.
     */
    acks(answers: readonly Answer[] | null): void;
    /** The batch came to another instance of the store, which has not applied it. */
    elsewhere(batch: Batch): void;
    /** The batch was refused as a whole, and none of its numbers was used. */
    rejected(batch: Batch, kind: string, why?: string): void;
    /** The batch may or may not have arrived: the same numbers are sent again. */
    unanswered(): void;
}

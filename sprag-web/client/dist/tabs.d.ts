/**
 * The way of a tab to the one stream of its browser, which a hub holds: in a
 * `SharedWorker` where there is one, which no tab's state touches; else in the tab that
 * has a lock; else in each tab. Plain http names of a local network have the worker and
 * no locks.
 *
 * The hub beats with its positions. A tab whose position differs says where it is, and a
 * tab that hears no beat goes to a hub of another name, or takes the lock.
 */
import type { Link, Member } from "./stream.ts";
import { Writers } from "./writer.ts";
export declare class TabLink extends Writers implements Link {
    #private;
    /** A link to the stream of the router at `base`. */
    constructor(base: string);
    join(member: Member): void;
    leave({ name }: Member): void;
    resync(member: Member): void;
}

/**
 * Connects a tab to the one stream of its browser, which a hub holds: in a `SharedWorker` if
 * there is one, which depends on no tab; otherwise in the tab that has a lock; otherwise in each
 * tab. On plain http, names of a local network have the worker and no locks.
 *
 * The hub's beats carry its positions. A tab whose position differs sends its own, and a tab that
 * receives no beat connects to a hub of another name, or takes the lock.
 */
import type { Link, Member } from "./stream.ts";
import { Writers } from "./writer.ts";
export declare class TabLink extends Writers implements Link {
    #private;
    /** A connection to the stream of the router at `base`. */
    constructor(base: string);
    join(member: Member): void;
    leave({ name }: Member): void;
    resync(member: Member): void;
    show(member: Member): void;
}
